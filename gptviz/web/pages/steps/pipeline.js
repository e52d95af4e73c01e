// One choice, stage by stage, left to right: the same tokens in every column, so that the eye can follow one of them from its
// logit through softmax and filters to the bar on which u falls. Hatched: cut by this filter; outline: the probability before.

import { barScale } from "../../kit/bars.js";
import { el, fmtNumber, fmtPercent, setAttr, setClass, setStyle, setText, slots } from "../../kit/dom.js";
import { createDraw, inequality } from "./draw.js";
import { createFilters } from "./filters.js";

const ROW = 21; // px, times the size of type
const SAME_WIDTH = 5e-4; // of the scale: nearer than this is the same pixel

// host: the card. update(picture) draws in place.
export function createPipeline(host, api) {
  const small = el("small", {});
  const head = el(
    "div",
    { class: "head" },
    el("h2", { text: api.str("steps.title") }),
    small,
    el("span", { class: "spacer" }),
  );
  const empty = el("p", { class: "hint", text: api.str("steps.empty") });
  const parts = pipelineParts(api);
  const filters = createFilters(host, api);
  const memory = { picture: null };
  const shown = () => memory.picture?.header.pipeline;
  head.append(
    api.menu({
      title: api.str("steps.title"),
      reading: () => shown()?.reading ?? "",
      python: () => shown()?.python ?? "",
      table: () => pipelineTable(shown(), api),
      picture: () => (shown() ? parts.flow : null),
    }),
  );
  host.prepend(head);
  host.append(parts.flow, parts.line, empty);
  setAttr(host, "data-testid", "pipeline");
  const draw = createDraw(parts.bar, api);
  wirePipeline(parts, memory, api);
  return {
    update: (picture) => {
      memory.picture = picture;
      const { pipeline, ids } = picture.header;
      filters.update(picture.header);
      for (const part of [parts.flow, parts.line]) part.hidden = !pipeline;
      empty.hidden = Boolean(pipeline);
      setAttr(host, "data-ids", ids.join(","));
      setText(small, pipeline ? stepWords(picture.header, api) : "");
      if (!pipeline) return;
      drawColumns(parts, pipeline, picture.theme, api);
      draw.update(pipeline, picture.theme, ROW * picture.theme.type);
      writeLine(parts, picture.header, api);
    },
  };
}

function pipelineParts(api) {
  const labels = el("div", { class: "pipe-labels" });
  const columns = el("div", { class: "pipe-columns" });
  const bar = el("div", { class: "pipe-draw" });
  const drawHead = el(
    "div",
    { class: "pipe-head", title: api.str("steps.draw_hint") },
    el("b", { text: api.str("steps.draw") }),
    el("span", { class: "mono" }),
  );
  const token = el(
    "button",
    { type: "button", class: "token", "data-testid": "next", title: api.str("path.step_hint") },
    el("span", { class: "l" }),
    el("small", { text: api.str("steps.drawn") }),
  );
  const last = el("div", { class: "pipe-column pipe-last" }, drawHead, bar, el("div", { class: "pipe-foot" }, token));
  const scroll = el("div", { class: "pipe-scroll" }, columns, last);
  const flow = el("div", { class: "pipe", role: "group", "aria-label": api.str("steps.title") }, labels, scroll);
  const line = el("p", { class: "pipe-line mono" }, el("b", {}), el("span", {}), el("span", { class: "quiet" }));
  return { flow, labels, columns, bar, last, token, line, scroll };
}

function wirePipeline(parts, memory, api) {
  const choose = (event) => {
    const button = event.target.closest("button[data-id]");
    const { pipeline } = memory.picture.header;
    if (button) api.act({ kind: "choose", id: Number(button.dataset.id), pos: pipeline.pos });
  };
  parts.labels.addEventListener("click", choose);
  parts.token.addEventListener("click", () => api.act({ kind: "step" }));
  const light = (event) => {
    const at = event.type === "pointerleave" ? null : (event.target.closest("[data-row]")?.dataset.row ?? null);
    for (const cell of parts.flow.querySelectorAll("[data-row]")) setClass(cell, "lit", cell.dataset.row === at);
  };
  parts.flow.addEventListener("pointerover", light);
  parts.flow.addEventListener("pointerleave", light);
}

function stepWords({ pipeline, path, tree }, api) {
  const at = tree?.nodes.find((node) => node.node === tree.at);
  const step = path.at;
  return at?.depth
    ? api.str("steps.small", { step, label: at.label })
    : api.str("steps.small_start", { step, pos: pipeline.pos });
}

// Every column but the last, which is the draw's: the logits, then each stage.
function drawColumns(parts, pipeline, theme, api) {
  const { rows, tail, stages } = pipeline;
  const count = rows.length + (tail.count ? 1 : 0);
  setStyle(parts.flow, "--row", ROW * theme.type + "px");
  drawLabels(parts.labels, pipeline, count, api);
  const most = pipelineScale(pipeline);
  setStyle(parts.columns, "--columns", String(stages.length + 1));
  const made = slots(parts.columns, stages.length + 1, pipeColumn);
  logitColumn(made[0], pipeline, count, api);
  for (const i of stages.keys()) stageColumn(made[i + 1], pipeline, i, count, most, api);
}

// One scale for all columns, or the growth from one to the next could not be seen.
function pipelineScale({ rows, tail }) {
  return barScale({
    rows: rows.flatMap((row) => row.p.map((p) => ({ p, p_model: p }))),
    tail: { p: Math.max(...tail.p), p_model: 0 },
  });
}

function pipeColumn() {
  return el(
    "div",
    { class: "pipe-column" },
    el("div", { class: "pipe-head" }, el("b", {}), el("span", { class: "mono" })),
    el("div", { class: "pipe-cells" }),
    el("div", { class: "pipe-foot" }, el("span", {}), el("span", {}), el("span", {})),
  );
}

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
    setText(button.firstElementChild, row.label);
  });
  if (!tail.count) return;
  const others = made[rows.length + 1];
  setAttr(others, "class", "pipe-label others");
  setAttr(others, "data-id", null);
  setAttr(others, "data-testid", "tail");
  setAttr(others, "aria-disabled", "true");
  setAttr(others, "title", api.str("steps.others_hint", { kept: fmtNumber(tail.kept.at(-1)) }));
  setText(others.firstElementChild, api.str("steps.others", { count: fmtNumber(tail.count) }));
}

function pipeCell(row) {
  return el(
    "div",
    { class: "pipe-cell", "data-row": row },
    el("span", { class: "pipe-track" }, el("i", { class: "ghost" }), el("i", { class: "fill" })),
    el("span", { class: "mono n" }),
  );
}

function logitColumn(column, { rows, tail }, count, api) {
  const [head, cells, foot] = column.children;
  const logits = [...rows.map((row) => row.logit), ...(tail.count ? [tail.logit] : [])];
  const [low, high] = [Math.min(...logits), Math.max(...logits)];
  setText(head.children[0], api.str("steps.logits"));
  setText(head.children[1], "");
  setAttr(head, "title", api.str("steps.logits_hint"));
  slots(cells, count, pipeCell);
  logits.forEach((logit, i) => {
    const cell = cells.children[i];
    const share = high > low ? (logit - low) / (high - low) : 0.5;
    const row = rows[i];
    setAttr(cell, "class", "pipe-cell dot" + (row?.drawn ? " drawn" : "") + (row ? "" : " others"));
    cell.querySelector(".ghost").hidden = true;
    setStyle(cell.querySelector(".fill"), "left", (share * 100).toFixed(2) + "%");
    setText(cell.lastElementChild, fmtNumber(logit, 2));
    setAttr(
      cell,
      "title",
      row
        ? api.str("steps.cell_logit", { label: row.label, logit: fmtNumber(logit, 4) })
        : api.str("steps.others_hint", { kept: fmtNumber(tail.count) }),
    );
  });
  setText(foot.children[0], api.str("steps.logit_range", { low: fmtNumber(low, 1), high: fmtNumber(high, 1) }));
  setAttr(foot.children[0], "title", api.str("steps.range_hint"));
  for (const at of [1, 2]) setText(foot.children[at], "");
}

function stageColumn(column, pipeline, i, count, most, api) {
  const { rows, tail, stages } = pipeline;
  const [head, cells, foot] = column.children;
  const name = stageName(stages[i].name, api);
  setText(head.children[0], name);
  setText(head.children[1], stages[i].setting === null ? "" : String(Number(stages[i].setting.toFixed(4))));
  setAttr(
    head,
    "title",
    i === 0 ? api.str("steps.softmax_hint") : api.str("strategy.parameter_hint." + stages[i].name),
  );
  slots(cells, count, pipeCell);
  rows.forEach((row, at) =>
    stageCell(
      cells.children[at],
      {
        row,
        p: row.p[i],
        before: i ? row.p[i - 1] : null,
        cut: row.cut_at === i,
        gone: row.cut_at !== null && row.cut_at < i,
      },
      most,
      name,
      api,
    ),
  );
  if (tail.count) tailCell(cells.children[rows.length], tail, i, most, api);
  writeFoot(foot, stages, i, api);
}

function stageCell(cell, { row, p, before, cut, gone }, most, name, api) {
  setAttr(cell, "class", "pipe-cell" + (row.drawn ? " drawn" : "") + (cut ? " cut" : "") + (gone ? " gone" : ""));
  placeCell(cell, cut ? before : p, cut || gone ? null : before, most);
  setText(cell.lastElementChild, gone ? "" : cut ? fmtPercent(before) : fmtPercent(p));
  const values = { label: row.label, stage: name, before: fmtPercent(before, 2), p: fmtPercent(p, 2) };
  const key = gone ? "steps.cell_gone" : cut ? "steps.cell_cut" : "steps.cell";
  setAttr(cell, "title", before === null ? `${row.label} ${fmtPercent(p, 2)}` : api.str(key, values));
}

function tailCell(cell, tail, i, most, api) {
  const before = i ? tail.p[i - 1] : null;
  const [cut, gone] = [tail.kept[i] === 0 && (i === 0 || tail.kept[i - 1] > 0), i > 0 && tail.kept[i - 1] === 0];
  setAttr(
    cell,
    "class",
    "pipe-cell others" +
      (cut ? " cut" : "") +
      (gone ? " gone" : "") +
      (!gone && (cut ? before : tail.p[i]) > most ? " broken" : ""),
  );
  placeCell(cell, cut ? before : tail.p[i], cut || gone ? null : before, most);
  setText(cell.lastElementChild, gone ? "" : fmtPercent(cut ? before : tail.p[i]));
  setAttr(cell, "title", api.str("steps.others_hint", { kept: fmtNumber(tail.kept[i]) }));
}

// The bar, and the probability before this stage as an outline where it was another.
function placeCell(cell, p, before, most) {
  const [ghost, fill] = cell.firstElementChild.children;
  const width = (x) => (Math.min(1, (x || 0) / most) * 100).toFixed(2) + "%";
  setStyle(fill, "left", "0");
  setStyle(fill, "width", width(p));
  const other = before !== null && Math.abs(before - p) > SAME_WIDTH * most;
  setClass(ghost, "within", other && before < p);
  setAttr(ghost, "hidden", !other);
  setStyle(ghost, "left", other && before < p ? width(before) : "0");
  setStyle(ghost, "width", other && before < p ? "2px" : width(before));
}

function writeFoot(foot, stages, i, api) {
  const { kept, mass, entropy } = stages[i];
  const cut = i > 0 && kept < stages[i - 1].kept;
  setText(foot.children[0], api.str("steps.kept", { count: fmtNumber(kept) }));
  setText(
    foot.children[1],
    i === 0 ? "" : cut ? api.str("steps.mass", { percent: fmtPercent(mass) }) : api.str("steps.all_mass"),
  );
  setText(foot.children[2], api.str("steps.bits", { bits: entropy.toFixed(2) }));
  ["kept_hint", "mass_hint", "entropy_hint"].forEach((key, at) =>
    setAttr(foot.children[at], "title", api.str("steps." + key)),
  );
}

// The softmax stands under its own name, the filters under theirs.
function stageName(name, api) {
  return name === "model" ? api.str("steps.softmax") : api.str("panel.distribution.filter." + name);
}

function writeLine(parts, { pipeline, view }, api) {
  const { choice, step } = pipeline;
  setText(parts.token.firstElementChild, choice ? choice.label : "");
  parts.token.hidden = !choice;
  const [numbers, token, more] = parts.line.children;
  setText(numbers, choice ? inequality(choice, api) : "");
  setText(token, choice ? ` → ${choice.label} ` : "");
  if (!choice) return setText(more, "");
  const { before, after } = choice;
  const sides = before && after ? "neighbours" : before ? "neighbour_before" : "neighbour_after";
  const said = [api.str("steps.place", { place: fmtNumber(choice.place) })];
  if (before || after) said.push(api.str("steps." + sides, { before: before?.label, after: after?.label }));
  said.push(api.str("steps.seed_step", { step, seed: view.seed }));
  setText(more, said.join(" · "));
}

function pipelineTable(pipeline, api) {
  const name = (key) => api.str("steps.column." + key);
  if (!pipeline) return { columns: [], rows: [] };
  const { rows, tail, stages } = pipeline;
  const names = stages.map((stage) => stageName(stage.name, api));
  const lines = rows.map((row) => [
    row.id,
    row.label,
    row.logit,
    ...row.p,
    row.cut_at === null ? "" : names[row.cut_at],
  ]);
  if (tail.count)
    lines.push([null, api.str("steps.others", { count: fmtNumber(tail.count) }), tail.logit, ...tail.p, ""]);
  const totals = (key, value) => [null, name(key), null, ...stages.map(value), ""];
  lines.push(
    totals("kept", (stage) => stage.kept),
    totals("mass", (stage) => stage.mass),
    totals("entropy", (stage) => stage.entropy),
  );
  return { columns: [name("id"), name("token"), name("logit"), ...names, name("cut")], rows: lines };
}
