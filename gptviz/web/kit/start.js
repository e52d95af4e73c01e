// The start mark before a text, as a chip: the token that documents begin with in the model's training. Pressed, the text is read
// after it, and it is a token like others: position 0 of every picture. One control for all pages.

import { createLabel, writeLabel } from "./chips.js";
import { el, setAttr } from "./dom.js";

/** @import { Api, Header } from "../types.d.ts" */

// Gives the chip, which is not there where the model has no such mark, and the function that shows what is so.
/** @type {(api: Pick<Api, "str" | "setView">, testid?: string) => { node: HTMLButtonElement, update: (header: Header) => void }} */
export function createStart(api, testid = "start") {
  /** @type {Header["start"]} */
  let mark = null;
  const toggle = () => {
    if (!mark) return;
    const on = !mark.on;
    api.setView({ start: on === mark.usual ? "usual" : on ? "on" : "off" });
  };
  const attrs = { type: "button", class: "start-mark", "data-testid": testid, hidden: true, onclick: toggle };
  const node = el("button", attrs, createLabel());
  /** @param {Header} header */
  const update = ({ start }) => {
    mark = start;
    node.hidden = !mark;
    if (!mark) return;
    writeLabel(/** @type {Element} */ (node.firstElementChild), mark.label);
    setAttr(node, "aria-pressed", String(mark.on));
    setAttr(node, "aria-label", api.str("prompt.start", { mark: mark.label }));
    setAttr(node, "title", api.str(mark.on ? "prompt.start_on" : "prompt.start_off", { mark: mark.label }));
  };
  return { node, update };
}
