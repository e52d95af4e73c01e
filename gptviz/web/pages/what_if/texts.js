// The prompt that all pages share, and another one whose run is put into that of the first.

import { el, setAttr } from "../../kit/dom.js";
import { promptBar } from "../../kit/prompt.js";
import { createStart } from "../../kit/start.js";
import { createTextbox } from "../../kit/textbox.js";

/** @import { Page } from "./types.d.ts" */
/** @import { WhatIfHeader } from "./message.d.ts" */

/** @type {(host: HTMLElement, page: Page, share: HTMLElement) => { setText: (text: string) => void, update: (header: WhatIfHeader) => void }} */
export function createTexts(host, page, share) {
  const shared = { str: page.str, bounds: page.bounds, flush: page.flush };
  const first = createTextbox({ ...shared, setText: page.setText, setBeyond: (n) => page.setBeyond("text", n) });
  const other = createTextbox({
    ...shared,
    setText: (text) => page.setView({ other: text }),
    setBeyond: (n) => page.setBeyond("other", n),
    testid: "prompt-b",
    label: page.str("what_if.other"),
    placeholder: page.str("what_if.other"),
  });
  setAttr(other.area, "title", page.str("what_if.other_hint"));
  const start = createStart(page);
  /** @type {number | null} */
  let rev = null;
  const pair = el("button", {
    type: "button",
    class: "pill preset",
    "data-testid": "pair",
    title: page.str("what_if.pair_hint"),
    text: page.str("what_if.pair"),
    onclick: () => page.act({ kind: "pair" }),
  });
  /** @param {string} name @param {Node[]} parts */
  const field = (name, ...parts) =>
    el("div", { class: "text-field" }, el("span", { class: "text-badge", "aria-hidden": "true", text: name }), parts);
  host.append(
    el("div", { class: "text-fields" }, field("A", start.node, first.area), field("B", other.area)),
    promptBar(page.str("prompt.try"), [pair, first.examples], share),
    first.notes,
  );
  page.onResize(host, () => [first, other].forEach((box) => box.resize()));

  /** @param {WhatIfHeader} header */
  function update(header) {
    first.update(header);
    start.update(header);
    if (header.rev !== rev) other.setValue(header.view.other); // else it belongs to whoever types
    rev = header.rev;
  }
  return { setText: first.setValue, update };
}
