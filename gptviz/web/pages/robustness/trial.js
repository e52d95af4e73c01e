// What a trial found: for all reviews, each kind, and under attack, a dot with its interval for each way. Before it is measured, the
// interval that so few texts give to who guesses.

import { el, fmtNumber, fmtPercent, setAttr, setClass, setStyle, setText, slots } from "../../kit/dom.js";
import { createHead, spacer } from "../../kit/panel.js";

/** @import { Page, Panel, Shown } from "./types.d.ts" */
/** @import { ColumnView, RobustnessHeader, RowView } from "./message.d.ts" */
/** @import { Table } from "../../types.d.ts" */

/** @type {(host: HTMLElement, api: Page) => Panel} */
export function createTrial(host, api) {
  /** @type {{ picture: Shown | null }} */
  const state = { picture: null };
  const small = el("small", { "data-testid": "measured" });
  const more = api.menu({
    title: () => api.str("robustness.trial"),
    reading: () => state.picture?.header.trial_said ?? "",
    python: () => state.picture?.header.setup_python,
    table: () => tableOf(state.picture?.header, api),
    picture: () => columns,
  });
  const columns = el("div", { class: "measures", "data-testid": "measures" });
  const key = el("p", { class: "curve-key" });
  const said = el("p", { class: "trial-said", role: "status", "data-testid": "trial-said" });
  host.append(createHead(api.str("robustness.trial"), small, spacer(), more), said, columns, key);
  return {
    update: (picture) => {
      state.picture = picture;
      const { header } = picture;
      const total = header.columns[0]?.rows.length ?? 0;
      const count = header.n_ways;
      setText(small, count ? api.str("robustness.measured", { count: fmtNumber(count), total: fmtNumber(total) }) : "");
      setText(said, header.trial_said);
      setText(key, api.str(count ? "robustness.interval_key" : "robustness.coin_key"));
      const made = slots(columns, header.columns.length, createColumn);
      header.columns.forEach((column, i) => showColumn(made[i], column, count > 0, api));
    },
  };
}

/** @type {(name: string, api: Page) => string} */
function titleOf(name, api) {
  const { trial_epsilon = "" } = api.picture()?.header ?? {};
  return api.str(`robustness.column.${name}`, { epsilon: trial_epsilon });
}

function createColumn() {
  return el(
    "section",
    { class: "measure", "data-testid": "measure" },
    el("h3", {}, el("span", {}), el("small", {})),
    el("div", { class: "measure-rows" }),
  );
}

/** @type {(node: Element, column: ColumnView, measured: boolean, api: Page) => void} */
function showColumn(node, { name, of, coin, rows }, measured, api) {
  const [head, body] = node.children;
  setText(head.children[0], titleOf(name, api));
  setText(
    head.children[1],
    api.str(name === "words" ? "robustness.of_right" : "robustness.of_texts", { count: fmtNumber(of) }),
  );
  setAttr(node, "title", api.str(`robustness.column_hint.${name}`));
  const made = slots(body, rows.length, () =>
    el(
      "div",
      { class: "way-row" },
      el("span", { class: "way-name" }),
      el("span", { class: "ci-track" }, el("i", { class: "of-plain" }), el("i", { class: "interval" }), el("b", {})),
      el("span", { class: "way-number mono" }),
    ),
  );
  const [plain] = rows;
  rows.forEach((row, i) =>
    showRow(made[i], row, { plain: plain.right < 0 ? null : plain, coin, measured, first: i === 0 }, api),
  );
}

/** @type {(node: Element, row: RowView, beside: { plain: RowView | null, coin: [number, number], measured: boolean, first: boolean }, api: Page) => void} */
function showRow(node, row, { plain, coin, measured, first }, api) {
  const [name, track, number] = node.children;
  const [band, bar, dot] = /** @type {HTMLElement[]} */ ([...track.children]);
  const there = row.right >= 0;
  setText(name, api.str(`robustness.way.${row.way}`));
  setAttr(band, "hidden", !plain || first);
  if (plain) span(band, plain.low, plain.high);
  setClass(bar, "coin", !there);
  setAttr(bar, "hidden", !there && measured);
  span(bar, there ? row.low : coin[0], there ? row.high : coin[1]);
  setAttr(dot, "hidden", !there);
  setStyle(/** @type {HTMLElement} */ (dot), "left", percent(row.of ? row.right / row.of : 0));
  setClass(node, "beyond", row.beyond !== 0);
  setText(number, there ? numberOf(row) : first && !measured ? between(...coin) : "");
  const mark = row.beyond > 0 ? "robustness.mark.better" : row.beyond < 0 ? "robustness.mark.worse" : "";
  setAttr(node, "title", mark ? api.str(mark) : null);
}

/** @type {(row: RowView) => string} */
function numberOf(row) {
  const mark = row.beyond > 0 ? "▲ " : row.beyond < 0 ? "▼ " : "";
  return `${mark}${fmtPercent(row.of ? row.right / row.of : null, 0)} (${between(row.low, row.high)})`;
}

/** @type {(low: number, high: number) => string} */
function between(low, high) {
  return `${fmtNumber(100 * low)}–${fmtNumber(100 * high)}`;
}

/** @type {(node: HTMLElement, low: number, high: number) => void} */
function span(node, low, high) {
  setStyle(node, "left", percent(low));
  setStyle(node, "width", percent(high - low));
}

/** @type {(share: number) => string} */
function percent(share) {
  return `${100 * share}%`;
}

/** @type {(header: RobustnessHeader | undefined, api: Page) => Table} */
function tableOf(header, api) {
  const columns = ["measure", "way", "right", "of", "share", "interval"].map((name) =>
    api.str(`robustness.table.${name}`),
  );
  const rows = (header?.columns ?? []).flatMap(({ name, rows }) =>
    rows.map((row) => {
      const there = row.right >= 0;
      const named = [titleOf(name, api), api.str(`robustness.way.${row.way}`)];
      if (!there) return [...named, api.str("robustness.waits"), null, null, null];
      return [...named, row.right, row.of, row.of ? row.right / row.of : null, between(row.low, row.high)];
    }),
  );
  return { columns, rows };
}
