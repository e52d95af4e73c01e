// Looking through the whole vocabulary: by text, by id, by bytes, or a page at a time.

import { createLabel, writeLabel } from "../../kit/chips.js";
import { el, fmtNumber, partsOf, setAttr, setClass, setText, slots, within } from "../../kit/dom.js";
import { createHead, spacer } from "../../kit/panel.js";
import { lookAt, posOf } from "./film.js";

/** @import { Page, Panel, Shown } from "./types.d.ts" */
/** @import { Browser, Entry } from "./message.d.ts" */

/** @type {(host: HTMLElement, api: Page) => Panel} */
export function createBrowser(host, api) {
  /** @type {{ browser: Browser | null }} */
  const state = { browser: null };
  const find = el("input", {
    type: "search",
    class: "find",
    "data-testid": "find",
    placeholder: api.str("tokens.find"),
    "aria-label": api.str("tokens.find"),
    title: api.str("tokens.find_hint"),
  });
  find.addEventListener("input", () => api.setView({ find: find.value, at: -1 }));
  find.addEventListener("keydown", (event) => event.key !== "Escape" && event.stopPropagation());
  const list = el("div", { class: "entries edged", "data-testid": "entries", role: "list", tabindex: "0" });
  list.addEventListener("click", (event) => {
    const button = within(event, "[data-pos]");
    if (button) lookAt(api, Number(button.dataset.pos));
  });
  const small = el("small", { "data-testid": "browser-small" });
  const turn = (/** @type {string} */ name, /** @type {number} */ by) =>
    el("button", {
      type: "button",
      class: "btn page-turn",
      "data-testid": name,
      "aria-label": api.str("tokens." + name),
      title: api.str("tokens." + name),
      text: by < 0 ? "‹" : "›",
      onclick: () => {
        const { browser } = state;
        if (!browser || api.view().find) return;
        const first = browser.rows[0]?.id ?? 0;
        const next = Math.max(0, first + by * browser.rows.length);
        if (next < browser.vocab_size) api.setView({ at: next });
      },
    });
  const turns = [turn("page_back", -1), turn("page_forth", 1)];
  const more = api.menu({
    title: api.str("tokens.browser"),
    reading: () => state.browser?.reading ?? "",
    python: () => state.browser?.python ?? "",
    table: () => ({
      columns: ["id", "token", "hex", "script"].map((name) => api.str("tokens.column." + name)),
      rows: (state.browser?.rows ?? []).map((row) => [
        row.id,
        row.label,
        row.bytes,
        api.str("tokens.script." + row.script),
      ]),
    }),
    picture: () => list,
  });
  host.append(
    createHead(api.str("tokens.browser"), small, spacer(), more),
    el("div", { class: "find-line" }, find, turns),
    list,
  );

  /** @param {Shown} picture */
  function update({ header: { browser, view } }) {
    state.browser = browser;
    const typing = /** @type {ShadowRoot} */ (find.getRootNode()).activeElement === find;
    if (!typing && find.value !== view.find) find.value = view.find;
    setText(small, browser.reading);
    setAttr(list, "data-find", view.find);
    for (const button of turns) setAttr(button, "aria-disabled", view.find ? "true" : null);
    const made = slots(list, browser.rows.length, entry);
    browser.rows.forEach((row, i) => drawEntry(made[i], row, api));
  }
  return { update };
}

function entry() {
  return el(
    "div",
    { class: "entry", role: "listitem" },
    el("span", { class: "entry-id mono" }),
    el("button", { type: "button", class: "entry-label" }, createLabel()),
    el("span", { class: "entry-bytes mono" }),
    el("span", { class: "entry-script" }),
  );
}

/** @type {(node: Element, row: Entry, api: Page) => void} */
function drawEntry(node, row, api) {
  const [id, label, bytes, script] = partsOf(node);
  setText(id, fmtNumber(row.id));
  writeLabel(label.children[0], row.label);
  setText(bytes, row.bytes);
  setText(script, api.str("tokens.script." + row.script));
  setClass(node, "here", row.here);
  setClass(node, "sel", row.pos !== null && row.pos === posOf(api));
  // only what the text has can be looked at there
  setAttr(label, "data-pos", row.pos);
  setAttr(label, "disabled", row.here ? null : "");
  setAttr(node, "title", row.here ? api.str("tokens.here") : null);
}
