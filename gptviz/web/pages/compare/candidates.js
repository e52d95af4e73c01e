// The foot of a column: what could have been chosen at the step looked at, what the filters cut, and where u fell.

import { createCumulative } from "../../kit/cumulative.js";
import { el, fmtNumber, fmtPercent, setAttr, setClass, setStyle, setText } from "../../kit/dom.js";

const CANDIDATE_ROWS = 5;

// Gives { node, update(column, theme) }.
export function createCandidates(api) {
  const kept = el("small", {});
  const rows = Array.from({ length: CANDIDATE_ROWS }, candidateRow);
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
      const shown = weighed ? found.weighed : found.rows;
      const most = Math.max(1e-9, ...shown.flatMap((row) => [row.p, row.p_model ?? 0]));
      rows.forEach((row, i) => fillCandidate(row, shown[i], most, api));
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

function candidatesNote(column, api) {
  const { candidates: found, strategy } = column;
  if (!found)
    return column.words.length && column.finish ? api.str("compare.ended", { steps: column.measures.length }) : "";
  if (found.u !== null) return "";
  if (found.weighed.length) return api.str("compare.weighed");
  return api.str(strategy.name === "beam" ? "compare.search" : "compare.no_draw");
}

function candidateRow() {
  const parts = {
    word: el("span", { class: "c-word mono" }),
    ghost: el("i", { class: "c-ghost" }),
    fill: el("i", { class: "c-fill" }),
    number: el("span", { class: "c-number mono" }),
  };
  return {
    ...parts,
    node: el(
      "div",
      { class: "cand" },
      parts.word,
      el("span", { class: "c-track" }, parts.ghost, parts.fill),
      parts.number,
    ),
  };
}

// Filled: the probability drawn from; outline: the model's own; hatched: cut. Of weighed candidates the number is the score.
function fillCandidate(parts, row, most, api) {
  const { node } = parts;
  setClass(node, "vacant", !row);
  if (!row) return;
  const cut = Boolean(row.cut);
  const p = cut ? row.p_model : row.p;
  setClass(node, "cut", cut);
  setClass(node, "drawn", row.drawn);
  setText(parts.word, row.label);
  setStyle(parts.fill, "width", ((p / most) * 100).toFixed(1) + "%");
  setStyle(parts.ghost, "width", (((cut ? 0 : (row.p_model ?? 0)) / most) * 100).toFixed(1) + "%");
  setText(parts.number, row.score === undefined ? fmtPercent(p) : fmtNumber(row.score, 2));
  const likeness =
    row.score === undefined ? "" : " · " + api.str("compare.similarity", { similarity: fmtNumber(row.similarity, 2) });
  setAttr(node, "title", `${row.label} ${fmtPercent(p, 2)}${likeness}`);
}
