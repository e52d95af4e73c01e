// The foot of a column: what could have been chosen at the step looked at, what the filters cut, and where u fell.

import { barScale, createBar } from "../../kit/bars.js";
import { createCumulative } from "../../kit/cumulative.js";
import { el, fmtNumber, fmtPercent, setAttr, setClass, setText } from "../../kit/dom.js";
import { fmtCut } from "../../kit/numbers.js";

/** @import { BarRow, BarShape } from "../../kit/bars.js" */
/** @import { ColumnView, Weighed } from "./message.d.ts" */
/** @import { Row } from "../next_token/message.d.ts" */
/** @import { Page } from "./types.d.ts" */
/** @import { Theme } from "../../kit/theme.js" */

/** @typedef {Partial<Row & Weighed> & { label: string, p: number, drawn: boolean }} Candidate */

const CANDIDATE_ROWS = 5;
/** @type {BarShape} */
const SHAPE = {
  outline: "whole",
  classes: {
    row: "cand",
    word: "c-word mono",
    track: "c-track",
    fill: "c-fill",
    ghost: "c-ghost",
    number: "c-number mono",
  },
};

// Gives { node, update(column, theme) }.
/** @type {(api: Page) => { node: HTMLElement, update: (column: ColumnView, theme: Theme) => void }} */
export function createCandidates(api) {
  const kept = el("small", {});
  const rows = Array.from({ length: CANDIDATE_ROWS }, () => createBar(SHAPE));
  const list = el(
    "div",
    { class: "cands", role: "img" },
    rows.map((row) => row.node),
  );
  const bar = el("div", { class: "cands-u" });
  const note = el("p", { class: "hint cands-note" });
  const node = el("div", { class: "col-foot", "data-testid": "candidates" }, kept, list, bar, note);
  const cumulative = createCumulative(bar, api);
  return {
    node,
    update: (column, theme) => {
      const found = column.candidates;
      setClass(node, "empty", !found);
      setText(note, candidatesNote(column, api));
      if (!found) return setText(kept, "");
      const weighed = found.weighed.length > 0;
      /** @type {Candidate[]} */
      const shown = weighed ? found.weighed : found.rows;
      const most = barScale(Math.max(...shown.flatMap((row) => [row.p, row.p_model ?? 0])), 0);
      rows.forEach(({ show }, i) => show(shown[i] && candidate(shown[i], api), most));
      setAttr(list, "aria-label", found.reading);
      setText(
        kept,
        weighed ? "" : api.str("compare.kept", { kept: fmtNumber(found.kept), total: fmtNumber(found.vocab_size) }),
      );
      bar.hidden = found.u === null;
      if (found.u !== null) cumulative.update(found, theme);
    },
  };
}

/** @type {(column: ColumnView, api: Page) => string} */
function candidatesNote(column, api) {
  const { candidates: found, strategy } = column;
  if (!found)
    return column.words.length && column.finish ? api.str("compare.ended", { steps: column.measures?.length }) : "";
  if (found.u !== null) return "";
  if (found.weighed.length) return api.str("compare.weighed");
  return api.str(strategy.name === "beam" ? "compare.search" : "compare.no_draw");
}

// Filled: the probability drawn from; outline: the model's own; hatched: cut. Of weighed candidates the number is the score.
/** @type {(row: Candidate, api: Page) => BarRow} */
function candidate(row, api) {
  const cut = Boolean(row.cut);
  const p = cut ? (row.p_model ?? 0) : row.p;
  const weighed = row.score !== undefined;
  const likeness = weighed ? " · " + api.str("compare.similarity", { similarity: fmtNumber(row.similarity, 2) }) : "";
  return {
    p,
    before: cut ? null : (row.p_model ?? null),
    word: row.label,
    number: weighed ? fmtNumber(row.score, 2) : cut ? fmtCut(p) : fmtPercent(p),
    title: `${row.label} ${fmtPercent(p, 2)}${likeness}`,
    marks: { cut, drawn: row.drawn },
  };
}
