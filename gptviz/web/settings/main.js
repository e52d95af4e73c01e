// What the settings offer beside projector mode: light or dark, paper, the glossary and the tour. Streamlit has both in a menu of its own, which speaks one
// language only; that menu is hidden (assets/app.css) and its theme switch is worked from here, so that the theme changes in place.

import { el, setAttr } from "../kit/dom.js";
import { OPEN_GLOSSARY } from "../kit/glossary.js";
import { rememberTour, START_TOUR } from "../kit/tour_memory.js";

/** @typedef {{ theme: string, System: string, Light: string, Dark: string, print: string, glossary: string, tour: string }} Words */
/** @typedef {{ words: Words, addresses: string[] }} Data of toolbar.py; addresses of all pages, "" the first one's */

const THEMES = /** @type {const} */ (["System", "Light", "Dark"]); // as Streamlit names and stores them
const PATIENCE = 1000; // ms until its menu must have opened

/** @type {(mount: { parentElement: ParentNode, data: Uint8Array }) => void} */
export default function serveSettings({ parentElement, data }) {
  const { words, addresses } = /** @type {Data} */ (JSON.parse(new TextDecoder().decode(data)));
  const root = /** @type {HTMLElement} */ (parentElement.querySelector(".settings"));
  const buttons = THEMES.map((name) =>
    el("button", { type: "button", "data-testid": "theme-" + name.toLowerCase(), text: words[name], value: name }),
  );
  const show = () => {
    for (const button of buttons) setAttr(button, "aria-pressed", String(button.value === storedTheme()));
  };
  for (const button of buttons)
    button.addEventListener("click", async () => {
      await chooseTheme(/** @type {Theme} */ (button.value), addresses);
      show();
    });
  const print = el("button", { type: "button", class: "print", "data-testid": "print", text: words.print });
  print.addEventListener("click", () => window.print());
  root.replaceChildren(
    el("span", { class: "name", text: words.theme }),
    el("div", { class: "themes", role: "group", "aria-label": words.theme }, buttons),
    el("div", { class: "help" }, [
      helpButton("glossary", words.glossary, () => document.dispatchEvent(new CustomEvent(OPEN_GLOSSARY))),
      helpButton("start-tour", words.tour, () => startTour(addresses)),
      print,
    ]),
  );
  show();
}

// What is asked of the page, which the open settings would lie upon.
/** @type {(testid: string, text: string, then: () => void) => HTMLElement} */
function helpButton(testid, text, then) {
  const ask = () => {
    settingsButton()?.click();
    setTimeout(then, 0);
  };
  return el("button", { type: "button", class: "print", "data-testid": testid, text, onclick: ask });
}

// The tour is of the first page: from another one that is opened, in the same language and with the same model.
/** @type {(addresses: string[]) => void} */
function startTour(addresses) {
  const taken = !document.dispatchEvent(new CustomEvent(START_TOUR, { cancelable: true }));
  if (taken) return;
  rememberTour({ at: 0 });
  const { pathname, search } = window.location;
  const address = addresses.find((one) => one && pathname.endsWith("/" + one)) ?? "";
  const kept = [...new URLSearchParams(search)].filter(([name]) => name === "lang" || name === "model");
  const query = new URLSearchParams(kept).toString();
  window.location.assign(pathname.slice(0, pathname.length - address.length) + (query && "?" + query));
}

/** @type {() => HTMLElement | undefined} */
function settingsButton() {
  const buttons = document.querySelectorAll('.st-key-toolbar [data-testid="stPopoverButton"]');
  return [...buttons].filter((button) => button instanceof HTMLElement).at(-1);
}

/** @typedef {(typeof THEMES)[number]} Theme */

// Streamlit keeps the theme by the path at which it was loaded, so a choice would be forgotten on a reload of another page: it is
// stored for all of them.
/** @type {(name: Theme, addresses: string[]) => Promise<void>} */
async function chooseTheme(name, addresses) {
  const done = await workMenu(name);
  const key = themeKey(loadedPath());
  const stored = done ? localStorage.getItem(key) : JSON.stringify(name);
  const here = addresses.find((address) => address && loadedPath().endsWith("/" + address)) ?? "";
  const base = loadedPath().slice(0, loadedPath().length - here.length);
  for (const path of [loadedPath(), ...addresses.map((address) => base + address)]) {
    if (stored === null) localStorage.removeItem(themeKey(path));
    else localStorage.setItem(themeKey(path), stored);
  }
  if (!done) window.location.reload(); // it reads there what is stored
}

// Whether the menu was there to be worked.
/** @type {(name: Theme) => Promise<boolean>} */
async function workMenu(name) {
  const menu = /** @type {HTMLElement | null} */ (document.querySelector('[data-testid="stMainMenuButton"]'));
  menu?.click();
  const item = menu && (await whenThere(`[data-testid="stMainMenuItem-theme-${name}"]`));
  item?.click();
  if (document.querySelector('[data-testid="stMainMenuPopover"]')) menu?.click();
  settingsButton()?.focus(); // its menu took the focus, and has gone
  return Boolean(item);
}

/** @type {(selector: string) => Promise<HTMLElement | null>} */
async function whenThere(selector) {
  for (const until = performance.now() + PATIENCE; performance.now() < until; ) {
    const found = /** @type {HTMLElement | null} */ (document.querySelector(selector));
    if (found) return found;
    await new Promise((done) => setTimeout(done, 16));
  }
  return null;
}

/** @type {() => Theme} */
function storedTheme() {
  const stored = (localStorage.getItem(themeKey(loadedPath())) ?? "").replaceAll('"', "");
  return THEMES.find((name) => name === stored) ?? "System";
}

/** @type {(path: string) => string} */
function themeKey(path) {
  return `stActiveTheme-${path}-v2`;
}

/** @type {() => string} */
function loadedPath() {
  return new URL(performance.getEntriesByType("navigation")[0]?.name ?? window.location.href).pathname;
}
