// A table of a panel: columns with a name, rows of texts. Its first column is the widest.

import { el, setText, slots } from "./dom.js";

/** @typedef {{ node: HTMLElement, show: (columns: string[], rows: string[][]) => HTMLCollectionOf<HTMLElement> }} Sheet */

/** @type {(name: string) => Sheet} */
export function createSheet(name) {
  const head = el("tr", {});
  const body = el("tbody", {});
  const table = el("table", { class: "sheet", "data-testid": name }, el("thead", {}, head), body);
  return {
    node: el("div", { class: "table-box", tabindex: "0" }, table),
    show: (columns, rows) => {
      const heads = slots(head, columns.length, () => el("th", { scope: "col" }));
      columns.forEach((text, i) => setText(heads[i], text));
      if (body.firstElementChild && body.firstElementChild.childElementCount !== columns.length) body.replaceChildren();
      const made = slots(body, rows.length, () =>
        el(
          "tr",
          {},
          columns.map(() => el("td", {})),
        ),
      );
      rows.forEach((row, i) => row.forEach((text, at) => setText(made[i].children[at], text)));
      return /** @type {HTMLCollectionOf<HTMLElement>} */ (made);
    },
  };
}
