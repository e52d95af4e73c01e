// One cell of the lens: the likeliest tokens of that state, and how the first one's probability comes about. A token that is pressed is
// followed through the blocks, and the ledger is of its logit.

import { createBar } from "../../kit/bars.js";
import { el, fmtNumber, fmtPercent, setAttr, setText, slots } from "../../kit/dom.js";
import { fmtOperand } from "../../kit/numbers.js";
import { rowName } from "./place.js";

/** @import { Bar } from "../../kit/bars.js" */
/** @import { Page, Shown } from "./types.d.ts" */
/** @import { Table } from "../../types.d.ts" */

const ROWS = 7;

/** @type {(api: Page) => { node: HTMLElement, update: (picture: Shown | null) => void }} */
export function createCell(api) {
  /** @type {Shown | null} */
  let shown = null;
  const title = el("h3", { class: "cell-title" });
  const menu = api.menu({
    title: () => title.textContent ?? "",
    reading: () => shown?.header.cell.reading ?? "",
    python: () => shown?.header.cell.python,
    table: () => cellTable(shown, api),
    picture: () => (shown ? list : null),
  });
  /** @type {Bar[]} */
  const bars = Array.from({ length: ROWS }, () => createBar({ tag: "button", attrs: { type: "button" } }));
  const list = el(
    "div",
    { class: "cell-bars", "data-testid": "cell" },
    bars.map((bar) => bar.node),
  );
  const sums = el("div", { class: "cell-sums mono" });
  const node = el("div", { class: "panel cell-panel" }, el("div", { class: "panel-head" }, title, menu), list, sums);
  bars.forEach((bar, i) =>
    bar.node.addEventListener("click", () => {
      const pick = shown?.header.cell.picks[i];
      if (pick !== undefined) api.setView({ token: pick });
    }),
  );
  /** @param {Shown | null} picture */
  function update(picture) {
    shown = picture;
    setAttr(node, "data-empty", !picture);
    if (!picture) return;
    const { cell, sizes, through } = picture.header;
    setText(title, api.str("stream.cell_title", { row: rowName(api, cell.stage), label: sizes.labels[cell.pos] }));
    const most = Math.max(1e-9, cell.rows[0]?.p ?? 0);
    bars.forEach((bar, i) => {
      const row = cell.rows[i];
      bar.show(
        row && {
          p: row.p,
          word: row.label,
          number: fmtPercent(row.p),
          title: api.str("stream.follow", { label: row.label, logit: fmtNumber(row.logit, 2) }),
          id: row.id,
          marks: { actual: row.id === through.tokens[0].id },
        },
        most,
      );
    });
    tellSums(sums, picture, api);
  }
  return { node, update };
}

// The steps, with the numbers of this cell.
/** @type {(host: HTMLElement, picture: Shown, api: Page) => void} */
function tellSums(host, { header }, api) {
  const { rows, mean, scale, total } = header.cell;
  const [best] = rows;
  if (!best) return;
  const lines = [
    api.str(mean === 0 ? "stream.sum.scale" : "stream.sum.norm", { mean: fmtOperand(mean), scale: fmtOperand(scale) }),
    api.str("stream.sum.logit", { label: best.label, logit: fmtNumber(best.logit, 2) }),
    api.str("stream.sum.p", { logit: fmtNumber(best.logit, 2), total: fmtNumber(total, 2), p: fmtPercent(best.p) }),
  ];
  const made = slots(host, lines.length, () => el("p", {}));
  lines.forEach((line, i) => setText(made[i], line));
}

/** @type {(picture: Shown | null, api: Page) => Table} */
function cellTable(picture, api) {
  const columns = ["token", "id", "logit", "probability"].map((name) => api.str("stream.column." + name));
  return { columns, rows: picture ? picture.header.cell.rows.map((row) => [row.label, row.id, row.logit, row.p]) : [] };
}
