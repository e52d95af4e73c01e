// The columns of the pipeline: the tokens once at the left, then their logits, then each stage with the probability that it leaves them.

import { barScale, showBars } from "../../kit/bars.js";
import { el, fmtNumber, fmtPercent, partsOf, setAttr, setClass, setStyle, setText, slots } from "../../kit/dom.js";
import { fmtCut, fmtSetting } from "../../kit/numbers.js";

/** @import { BarRow, BarShape } from "../../kit/bars.js" */
/** @import { Page } from "./types.d.ts" */
/** @import { PipelineRow, PipelineStage, PipelineTail, PipelineView } from "./message.d.ts" */

/** @type {BarShape} */
const SHAPE = {
  cells: ["track", "number"],
  classes: { row: "pipe-cell", track: "pipe-track", ghost: "ghost", fill: "fill", number: "mono n" },
};

// Every column but the last, which is the draw's: the logits, then each stage.
/** @type {(parts: { flow: HTMLElement, labels: HTMLElement, columns: HTMLElement }, pipeline: PipelineView, row: number, api: Page) => void} */
export function drawColumns(parts, pipeline, row, api) {
  const { rows, tail, stages } = pipeline;
  const count = rows.length + (tail.count ? 1 : 0);
  setStyle(parts.flow, "--row", row + "px");
  drawLabels(parts.labels, pipeline, count, api);
  // one scale for all columns, or the growth from one to the next could not be seen
  const most = barScale(Math.max(...rows.flatMap((one) => one.p)), Math.max(...tail.p));
  setStyle(parts.columns, "--columns", String(stages.length + 1));
  const made = slots(parts.columns, stages.length + 1, pipeColumn);
  logitColumn(made[0], pipeline, api);
  for (const i of stages.keys()) stageColumn(made[i + 1], pipeline, i, most, api);
}

/** @type {() => HTMLElement} */
function pipeColumn() {
  return el(
    "div",
    { class: "pipe-column" },
    el("div", { class: "pipe-head" }, el("b", {}), el("span", { class: "mono" })),
    el("div", { class: "pipe-cells" }),
    el("div", { class: "pipe-foot" }, el("span", {}), el("span", {}), el("span", {})),
  );
}

/** @type {(host: HTMLElement, pipeline: PipelineView, count: number, api: Page) => void} */
function drawLabels(host, { rows, tail }, count, api) {
  const made = slots(host, count + 1, (i) =>
    i === 0
      ? el("div", { class: "pipe-head" })
      : el("button", { type: "button", class: "pipe-label", "data-row": i - 1 }, el("span", { class: "l mono" })),
  );
  rows.forEach((row, i) => {
    const button = made[i + 1];
    setClass(button, "drawn", row.drawn);
    setClass(button, "taken", row.taken);
    setClass(button, "cut", row.cut_at !== null);
    setClass(button, "others", false);
    setAttr(button, "data-id", row.id);
    setAttr(button, "data-testid", "bar");
    setAttr(button, "aria-disabled", null);
    const marks = [row.drawn && api.str("steps.drawn"), row.taken && api.str("steps.taken")].filter(Boolean).join(", ");
    setAttr(button, "title", api.str("steps.choose", { label: row.label }) + (marks ? "\n" + marks : ""));
    setText(button.children[0], row.label);
  });
  if (!tail.count) return;
  const others = made[rows.length + 1];
  setAttr(others, "class", "pipe-label others");
  setAttr(others, "data-id", null);
  setAttr(others, "data-testid", "tail");
  setAttr(others, "aria-disabled", "true");
  setAttr(others, "title", api.str("steps.others_hint", { kept: fmtNumber(tail.kept.at(-1)) }));
  setText(others.children[0], api.str("steps.others", { count: fmtNumber(tail.count) }));
}

/** @type {(column: Element, pipeline: PipelineView, api: Page) => void} */
function logitColumn(column, { rows, tail }, api) {
  const [head, cells, foot] = column.children;
  const logits = [...rows.map((row) => row.logit), ...(tail.logit === null ? [] : [tail.logit])];
  const [low, high] = [Math.min(...logits), Math.max(...logits)];
  setText(head.children[0], api.str("steps.logits"));
  setText(head.children[1], "");
  setAttr(head, "title", api.str("steps.logits_hint"));
  /** @param {number} logit */
  const share = (logit) => (high > low ? (logit - low) / (high - low) : 0.5);
  showBars(
    cells,
    logits.map((logit, i) => logitCell(logit, rows[i], tail, api)),
    1,
    SHAPE,
  );
  logits.forEach((logit, i) => placeDot(cells.children[i], i, share(logit)));
  setText(foot.children[0], api.str("steps.logit_range", { low: fmtNumber(low, 1), high: fmtNumber(high, 1) }));
  setAttr(foot.children[0], "title", api.str("steps.range_hint"));
  for (const at of [1, 2]) setText(foot.children[at], "");
}

/** @type {(column: Element, pipeline: PipelineView, i: number, most: number, api: Page) => void} */
function stageColumn(column, pipeline, i, most, api) {
  const { rows, tail, stages } = pipeline;
  const [head, cells, foot] = column.children;
  const name = stageName(stages[i].name, api);
  setText(head.children[0], name);
  setText(head.children[1], stages[i].setting === null ? "" : fmtSetting(stages[i].setting));
  setAttr(
    head,
    "title",
    i === 0 ? api.str("steps.softmax_hint") : api.str("strategy.parameter_hint." + stages[i].name),
  );
  const bars = rows.map((row) => stageCell(row, i, name, api));
  if (tail.count) bars.push(tailCell(tail, i, most, api));
  showBars(cells, bars, most, SHAPE);
  bars.forEach((_, at) => setAttr(cells.children[at], "data-row", at));
  writeFoot(foot, stages, i, api);
}

/** @type {(row: PipelineRow, i: number, name: string, api: Page) => BarRow} */
function stageCell(row, i, name, api) {
  const [p, before] = [row.p[i], i ? row.p[i - 1] : null];
  const [cut, gone] = [row.cut_at === i, row.cut_at !== null && row.cut_at < i];
  const values = { label: row.label, stage: name, before: fmtPercent(before, 2), p: fmtPercent(p, 2) };
  const key = gone ? "steps.cell_gone" : cut ? "steps.cell_cut" : "steps.cell";
  return {
    p: cut ? (before ?? 0) : p,
    before: cut || gone ? null : before,
    number: gone ? "" : cut ? fmtCut(before) : fmtPercent(p),
    title: before === null ? `${row.label} ${fmtPercent(p, 2)}` : api.str(key, values),
    marks: { drawn: row.drawn, cut, gone, others: false, broken: false },
  };
}

/** @type {(tail: PipelineTail, i: number, most: number, api: Page) => BarRow} */
function tailCell(tail, i, most, api) {
  const before = i ? tail.p[i - 1] : null;
  const [cut, gone] = [tail.kept[i] === 0 && (i === 0 || tail.kept[i - 1] > 0), i > 0 && tail.kept[i - 1] === 0];
  const p = cut ? (before ?? 0) : tail.p[i];
  return {
    p,
    before: cut || gone ? null : before,
    number: gone ? "" : cut ? fmtCut(p) : fmtPercent(p),
    title: api.str("steps.others_hint", { kept: fmtNumber(tail.kept[i]) }),
    marks: { drawn: false, cut, gone, others: true, broken: !gone && p > most },
  };
}

/** @type {(logit: number, row: PipelineRow | undefined, tail: PipelineTail, api: Page) => BarRow} */
function logitCell(logit, row, tail, api) {
  const values = { label: row?.label, logit: fmtNumber(logit, 4) };
  const others = { kept: fmtNumber(tail.count) };
  return {
    p: 0,
    number: fmtNumber(logit, 2),
    title: row ? api.str("steps.cell_logit", values) : api.str("steps.others_hint", others),
    marks: { dot: true, drawn: row?.drawn, others: !row },
  };
}

// A logit is a place between the lowest and the highest, not a length.
/** @type {(cell: Element, at: number, share: number) => void} */
function placeDot(cell, at, share) {
  const [fill] = partsOf(partsOf(cell)[0]).slice(-1);
  setStyle(fill, "left", (share * 100).toFixed(2) + "%");
  setStyle(fill, "width", "");
  setAttr(cell, "data-row", at);
}

/** @type {(foot: Element, stages: PipelineStage[], i: number, api: Page) => void} */
function writeFoot(foot, stages, i, api) {
  const { kept, mass, entropy } = stages[i];
  const cut = i > 0 && kept < stages[i - 1].kept;
  setText(foot.children[0], api.str("steps.kept", { count: fmtNumber(kept) }));
  setText(
    foot.children[1],
    i === 0 ? "" : cut ? api.str("steps.mass", { percent: fmtPercent(mass) }) : api.str("steps.all_mass"),
  );
  setText(foot.children[2], api.str("steps.bits", { bits: fmtNumber(entropy, 2) }));
  ["kept_hint", "mass_hint", "entropy_hint"].forEach((key, at) =>
    setAttr(foot.children[at], "title", api.str("steps." + key)),
  );
}

// The softmax stands under its own name, the filters under theirs.
/** @type {(name: string, api: Page) => string} */
export function stageName(name, api) {
  return name === "model" ? api.str("steps.softmax") : api.str("panel.distribution.filter." + name);
}
