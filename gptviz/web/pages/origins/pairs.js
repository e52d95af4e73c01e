// The table of pairs: how often each token follows each other one. This is how a class counts by hand; two of its cells are one's own.

import { el, fmtNumber, setAttr, setClass, setStyle, setText, slots } from "../../kit/dom.js";
import { createHead, spacer } from "../../kit/panel.js";
import { indigo, inkOn } from "../../kit/theme.js";

/** @import { Pairs } from "./message.d.ts" */
/** @import { Drawn, Page, Panel } from "./types.d.ts" */

const TINT = 0.38; // of the scale: on what is darker no ink of so small a size can be read well

/** @type {(host: HTMLElement, api: Page) => Panel} */
export function createPairs(host, api) {
  /** @type {Pairs | null} */
  let shown = null;
  const menu = api.menu({
    title: api.str("origins.pairs"),
    reading: () => shown?.reading ?? api.str("empty.hint"),
    python: () => shown?.python,
    table: () => ({
      columns: [api.str("origins.column.before"), ...(shown?.columns ?? [])],
      rows: (shown?.counts ?? []).map((row, i) => [shown?.rows[i], ...row]),
    }),
    picture: () => (shown ? table : null),
  });
  const head = el("tr", {});
  const body = el("tbody", {});
  const table = el("table", { class: "pair-table", "data-testid": "pairs" }, el("thead", {}, head), body);
  const box = el(
    "div",
    { class: "origin-scroll edged", tabindex: "0", role: "group", "aria-label": api.str("origins.pairs") },
    table,
  );
  const says = el("p", { class: "pair-says", "data-testid": "pair-says" });
  host.append(
    createHead(api.str("origins.pairs"), el("small", { text: api.str("origins.pairs_small") }), spacer(), menu),
    box,
    says,
  );
  return {
    /** @param {Drawn} picture */
    update: ({ header, theme }) => {
      shown = header.pairs ?? null;
      for (const node of [menu, box]) setAttr(node, "hidden", !shown);
      setText(says, shown?.reading ?? "");
      if (!shown) return;
      const { rows, columns, counts, row: own, column } = shown;
      const names = slots(head, columns.length + 1, () => el("th", { scope: "col" }));
      columns.forEach((label, j) => setText(names[j + 1], label));
      const made = slots(body, rows.length, () => el("tr", {}, el("th", { scope: "row" })));
      rows.forEach((label, i) => {
        const most = Math.max(1, ...counts[i]);
        const cells = slots(made[i], columns.length + 1, () => el("td", { class: "mono" }));
        setText(cells[0], label);
        setClass(made[i], "own", i === own);
        counts[i].forEach((count, j) => {
          const cell = /** @type {HTMLElement} */ (cells[j + 1]);
          setText(cell, fmtNumber(count));
          setStyle(cell, "background", indigo(theme, (TINT * count) / most));
          setStyle(cell, "color", inkOn(theme, TINT * count, most));
          setClass(cell, "sel", i === own && j === column);
        });
      });
    },
  };
}
