// A table of one's own runs: pasted into a box that one button opens, or read from a file.

import { el, fmtNumber, setAttr, setText } from "../../kit/dom.js";

/** @import { Page } from "./types.d.ts" */
/** @import { Plots } from "./message.d.ts" */

// Gives { button, node, update(plots) }; the box is closed at first.
/** @type {(api: Page) => { button: HTMLElement, node: HTMLElement, update: (plots: Plots) => void }} */
export function createTable(api) {
  const area = el("textarea", {
    class: "scaling-table mono",
    "data-testid": "table",
    rows: 5,
    spellcheck: "false",
    autocomplete: "off",
    "aria-label": api.str("scaling.table_label"),
    placeholder: api.str("scaling.table_placeholder"),
  });
  const said = el("p", { class: "scaling-problem", role: "status", "data-testid": "problem" });
  const file = el("input", {
    type: "file",
    accept: ".csv,.tsv,.txt,text/csv",
    class: "visually-hidden",
    "data-testid": "table-file",
    "aria-label": api.str("scaling.open_file"),
  });
  const open = el("button", { type: "button", class: "btn", text: api.str("scaling.open_file") });
  const node = el(
    "div",
    { class: "scaling-own", hidden: true },
    area,
    el("div", { class: "scaling-own-side" }, open, file, said),
  );
  const button = el("button", {
    type: "button",
    class: "btn",
    "data-testid": "add-table",
    "aria-expanded": "false",
    text: api.str("scaling.add"),
    onclick: () => {
      node.hidden = !node.hidden;
      setAttr(button, "aria-expanded", String(!node.hidden));
      if (!node.hidden) area.focus();
    },
  });
  /** @param {string} text */
  const send = (text) => {
    const most = api.bounds().chars;
    if (text.length > most) return setText(said, api.str("scaling.too_large", { most: fmtNumber(most) }));
    api.setView({ table: text, whose: text.trim() ? "own" : "ours" });
  };
  area.addEventListener("keydown", (event) => event.stopPropagation());
  area.addEventListener("input", (event) => {
    if (!(/** @type {InputEvent} */ (event).isComposing)) send(area.value);
  });
  area.addEventListener("compositionend", () => send(area.value));
  open.addEventListener("click", () => file.click());
  file.addEventListener("change", async () => {
    const [chosen] = file.files ?? [];
    if (!chosen) return;
    if (chosen.size > 4 * api.bounds().chars) return send(" ".repeat(api.bounds().chars + 1));
    area.value = await chosen.text();
    send(area.value);
  });
  /** @param {Plots} plots */
  const update = (plots) => {
    const held = String(api.view().table ?? "");
    if (document.activeElement !== area && area.getRootNode() !== document) {
      const focused = /** @type {ShadowRoot} */ (area.getRootNode()).activeElement === area;
      if (!focused && area.value !== held) area.value = held;
    }
    if (held && node.hidden && plots.problem) button.click();
    setText(said, plots.problem || (plots.own ? api.str("scaling.own_count", { count: plots.own }) : ""));
    setAttr(said, "data-wrong", Boolean(plots.problem));
  };
  return { button, node, update };
}
