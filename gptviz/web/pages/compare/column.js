// One column: its strategy, its text, its measures, its entropy, and at the foot the step looked at.

import { createCandidates } from "./candidates.js";
import { el, fmtNumber, fmtPercent, setAttr, setClass, setText } from "../../kit/dom.js";
import { spacer } from "../../kit/panel.js";
import { createEntropy } from "./entropy.js";
import { createText } from "./text.js";

/** @import { Column, Page } from "./types.d.ts" */
/** @import { ColumnView, Measures } from "./message.d.ts" */
/** @import { Table } from "../../types.d.ts" */

/** @typedef {(typeof MEASURES)[number]} Measure */
const MEASURES = /** @type {const} */ (["logprob", "mean_logprob", "perplexity", "distinct", "passes", "seconds"]);

// `first` is the column as it is now; deps: { pick(step), edit(number, card) }. Gives { card, update(column, picture, step), follow(step) }.
/** @type {(first: ColumnView, api: Page, deps: { pick: (step: number) => void, edit: (number: number, card: HTMLElement) => void }) => Column} */
export function createColumn(first, api, deps) {
  const memory = { column: first };
  const face = { name: el("span", { class: "n" }), note: el("small", {}) };
  const open = el(
    "button",
    { type: "button", class: "col-name", "data-testid": "column-name", "aria-haspopup": "dialog" },
    face.name,
    el("span", { class: "caret", "aria-hidden": "true", text: "▾" }),
  );
  const meta = { leaves: el("span", { class: "left-at" }), loops: el("span", {}), finish: el("span", {}) };
  const text = createText(api, deps.pick);
  const measures = measureList(api);
  const chart = createEntropy(api, deps.pick);
  const foot = createCandidates(api);
  const menu = api.menu({
    title: () => memory.column.name,
    reading: () => memory.column.reading || api.str("compare.nothing"),
    python: () => memory.column.python,
    table: () => columnTable(memory.column, api),
    picture: () => (memory.column.words.length ? card : null),
  });
  const card = el(
    "section",
    { class: "card col", "data-testid": "column" },
    el("div", { class: "head" }, open, face.note, spacer(), menu),
    el("p", { class: "col-meta" }, Object.values(meta)),
    text.node,
    measures.node,
    chart.node,
    foot.node,
  );
  open.addEventListener("click", () => deps.edit(first.number, card));
  return {
    card,
    update: (column, { header, theme }, step) => {
      memory.column = column;
      setText(face.name, column.name);
      setText(face.note, column.note.toLowerCase() === column.name.toLowerCase() ? "" : column.note);
      setAttr(open, "title", api.str("compare.edit", { name: column.name }));
      setAttr(card, "aria-label", column.name);
      setAttr(menu, "aria-label", api.str("menu.open", { title: column.name }));
      setClass(card, "stale", header.stale);
      setClass(card, "writing", column.writing);
      drawMeta(meta, column, api);
      text.update(column, step);
      measures.update(column);
      chart.update(column, header.axes, step);
      foot.update(column, theme);
    },
    follow: text.follow,
  };
}

/** @type {(meta: { leaves: HTMLElement, loops: HTMLElement, finish: HTMLElement }, column: ColumnView, api: Page) => void} */
function drawMeta({ leaves, loops, finish }, column, api) {
  const step = column.leaves ?? null;
  setText(leaves, step === null ? "" : api.str("compare.leaves", { step: step + 1 }));
  setText(loops, column.looped ? api.str("compare.loops", { percent: fmtPercent(column.looped, 0) }) : "");
  const stopped = column.words.length > 0 && !column.finish && !column.writing;
  const how = stopped ? "stopped" : column.finish === "length" ? null : column.finish;
  const searching = column.words.length === 0 && column.draft ? api.str("compare.searching") : "";
  setText(finish, how ? api.str("compare.finish." + how) : searching);
}

/** @type {(api: Page) => { node: HTMLElement, update: (column: ColumnView) => void }} */
function measureList(api) {
  const values = MEASURES.map((name) => el("dd", { class: "mono", "data-measure": name }));
  const rows = MEASURES.map((name, i) =>
    el(
      "div",
      { title: api.str("compare.measure.hint_" + name) },
      el("dt", { text: api.str("compare.measure." + name) }),
      values[i],
    ),
  );
  return {
    node: el("dl", { class: "measures", "data-testid": "measures" }, rows),
    update: (column) =>
      MEASURES.forEach((name, i) => {
        setText(values[i], measureWords(name, column.measures, api));
        setClass(values[i], "best", name === "mean_logprob" && column.best);
      }),
  };
}

/** @type {(name: Measure, measures: Measures | undefined, api: Page) => string} */
function measureWords(name, measures, api) {
  if (!measures) return "–";
  if (name === "distinct") return `${fmtNumber(measures.distinct_1, 2)} / ${fmtNumber(measures.distinct_2, 2)}`;
  if (name === "seconds") return measures.seconds === null ? "–" : fmtNumber(measures.seconds, 2) + " s";
  if (name === "passes") return fmtNumber(measures.passes);
  return (
    fmtNumber(measures[name], name === "mean_logprob" ? 2 : 1) +
    (name === "perplexity" ? "" : " " + api.str("compare.measure.nats"))
  );
}

/** @type {(column: ColumnView, api: Page) => Table} */
function columnTable(column, api) {
  const columns = ["step", "token", "surprisal", "entropy", "after"].map((name) => api.str("compare.table." + name));
  const rows = column.words.map(([first, , text, bits]) => [
    first + 1,
    text.trim() || text,
    bits,
    column.entropies?.[first],
    column.after?.[first],
  ]);
  return { columns, rows };
}
