// A table of a panel: columns with a name, rows of texts. A column of labels is as wide as the longest, up to a bound, and never breaks
// one; one of numbers stands right; those of text share what is left.

import { el, setAttr, setText, slots } from "./dom.js";

/** @typedef {"text" | "label" | "number"} Kind */
/** @typedef {{ node: HTMLElement, show: (columns: string[], rows: string[][], kinds?: readonly Kind[]) => HTMLCollectionOf<HTMLElement> }} Sheet */

/** @type {(name: string) => Sheet} */
export function createSheet(name) {
  const head = el("tr", {});
  const body = el("tbody", {});
  const table = el("table", { class: "sheet", "data-testid": name }, el("thead", {}, head), body);
  return {
    node: el("div", { class: "table-box edged", tabindex: "0" }, table),
    show: (columns, rows, kinds = []) => {
      const heads = slots(head, columns.length, () => el("th", { scope: "col" }));
      columns.forEach((text, i) => {
        setText(heads[i], text);
        setAttr(heads[i], "class", `of-${kinds[i] ?? "text"}`);
      });
      if (body.firstElementChild && body.firstElementChild.childElementCount !== columns.length) body.replaceChildren();
      const made = slots(body, rows.length, () =>
        el(
          "tr",
          {},
          columns.map(() => el("td", {})),
        ),
      );
      rows.forEach((row, i) => row.forEach((text, at) => showCell(made[i].children[at], text, kinds[at] ?? "text")));
      return /** @type {HTMLCollectionOf<HTMLElement>} */ (made);
    },
  };
}

/** @type {(cell: Element, text: string, kind: Kind) => void} */
function showCell(cell, text, kind) {
  setText(cell, text);
  setAttr(cell, "class", `of-${kind}`);
  setAttr(cell, "title", kind === "label" ? text : null); // which may be cut
}
