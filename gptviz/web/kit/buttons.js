// Buttons that several pages have: those with an icon, the one that copies the link, and a list to pick from.

import { el, setAttr, setText, slots, svg } from "./dom.js";

/** @import { Api, Say } from "../types.d.ts" */
/** @typedef {{ node: HTMLButtonElement, label: HTMLElement, icon: SVGPathElement }} Face */

/** @typedef {keyof typeof ICONS} Icon */
const ICONS = {
  back: "M11 3v10L4 8z",
  step: "M5 3v10l7-5z",
  play: "M5 3v10l7-5z",
  pause: "M4.5 3h2.5v10h-2.5zM9 3h2.5v10h-2.5z",
  share: "M9 2h5v5h-1.5V4.6L8.1 9 7 7.9l4.4-4.4H9zM3 4h4v1.5H4.5v6h6V9H12v4H3z",
};
const SHARE = { text: "path.share", hint: "path.share_hint", done: "path.shared", failed: "path.share_failed" };
const TOLD_FOR = 2000;

// A button named by its icon: text, hint and the key that does the same; `main` is the one that stands out.
/** @type {(icon: Icon, words: { text: string, hint: string, key?: string }, main?: boolean) => Face} */
export function createFace(icon, { text, hint, key }, main = false) {
  const label = el("span", { text });
  const path = svg("path", { d: ICONS[icon] });
  const node = el(
    "button",
    { type: "button", class: main ? "btn primary" : "btn", "data-testid": icon, title: hint },
    svg("svg", { viewBox: "0 0 16 16", class: "icon", "aria-hidden": "true" }, path),
    label,
    key ? el("kbd", { "aria-hidden": "true", text: key }) : null,
  );
  return { node, label, icon: path };
}

// Back, forth and play, with the keys that do the same; `showPlaying` turns play into pause.
/** @type {(str: Say, hints: { back: string, step: string, play: string }) => { back: Face, step: Face, play: Face, showPlaying: (on: boolean) => void }} */
export function createSteppers(str, hints) {
  const back = createFace("back", { text: str("path.back"), hint: hints.back, key: "←" });
  const step = createFace("step", { text: str("path.step"), hint: hints.step, key: "→" }, true);
  const play = createFace("play", { text: str("path.play"), hint: hints.play, key: str("path.space") });
  /** @param {boolean} on */
  const showPlaying = (on) => {
    setText(play.label, str(on ? "path.pause" : "path.play"));
    setAttr(play.icon, "d", on ? ICONS.pause : ICONS.play);
    setAttr(play.node, "aria-pressed", String(on));
  };
  return { back, step, play, showPlaying };
}

// Copies the link that restores the page, and says so; it looks the same on every page.
/** @type {(api: Pick<Api, "str" | "copyLink">, options?: { keys?: typeof SHARE }) => HTMLButtonElement} */
export function createShare({ str, copyLink }, { keys = SHARE } = {}) {
  const { node, label } = createFace("share", { text: str(keys.text), hint: str(keys.hint) });
  node.addEventListener("click", async () => {
    const copied = await copyLink(node);
    setText(label, str(copied ? keys.done : keys.failed));
    setTimeout(() => setText(label, str(keys.text)), TOLD_FOR);
  });
  return node;
}

// A layer or a head to look at: `show` offers so many and chooses the one that this browser holds.
/** @type {(name: "layer" | "head", api: Api) => { node: HTMLSelectElement, show: (count?: number) => void }} */
export function createPicker(name, api) {
  const node = el("select", { "data-testid": name, "aria-label": api.str(`panel.attention.${name}_label`) });
  node.addEventListener("change", () => api.setView({ [name]: Number(node.value) }));
  /** @param {number} [count] */
  const show = (count) => {
    const chosen = Number(api.view()[name]);
    slots(node, count ?? Math.max(node.options.length, chosen + 1), (index) =>
      el("option", { value: index, text: api.str("panel.attention." + name, { index }) }),
    );
    if (node.value !== String(chosen)) node.value = String(chosen);
  };
  return { node, show };
}
