// One choice, stage by stage, left to right: the same tokens in every column, so that the eye can follow one of them from its
// logit through softmax and filters to the bar on which u falls. Hatched: cut by this filter; outline: the probability before.

import { el, fmtNumber, setAttr, setClass, setText, within } from "../../kit/dom.js";
import { createHead, spacer } from "../../kit/panel.js";
import { drawColumns, stageName } from "./columns.js";
import { createDraw, inequality } from "./draw.js";
import { createFilters } from "./filters.js";

/** @import { Page, Panel, PipelineMemory } from "./types.d.ts" */
/** @import { PipelineView, StepsHeader } from "./message.d.ts" */
/** @import { Table } from "../../types.d.ts" */
/** @import { Cell } from "../../types.d.ts" */
/** @import { PipelineStage } from "./message.d.ts" */

const ROW = 21; // px, times the size of type

// host: the card. update(picture) draws in place.
/** @type {(host: HTMLElement, api: Page) => Panel} */
export function createPipeline(host, api) {
  const small = el("small", {});
  const head = createHead(api.str("steps.title"), small, spacer());
  const empty = el("p", { class: "hint", text: api.str("steps.empty") });
  const parts = pipelineParts(api);
  const filters = createFilters(host, api);
  /** @type {PipelineMemory} */
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
      setText(small, pipeline ? stepWords(picture.header, pipeline, api) : "");
      if (!pipeline) return;
      drawColumns(parts, pipeline, ROW * picture.theme.type, api);
      draw.update(pipeline, picture.theme, ROW * picture.theme.type);
      writeLine(parts, pipeline, picture.header.view.seed, api);
    },
  };
}

/** @param {Page} api */
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
  const scroll = el("div", { class: "pipe-scroll edged" }, columns, last);
  const flow = el("div", { class: "pipe", role: "group", "aria-label": api.str("steps.title") }, labels, scroll);
  const line = el("p", { class: "pipe-line mono" }, el("b", {}), el("span", {}), el("span", { class: "quiet" }));
  return { flow, labels, columns, bar, last, token, line, scroll };
}

/** @type {(parts: ReturnType<typeof pipelineParts>, memory: PipelineMemory, api: Page) => void} */
function wirePipeline(parts, memory, api) {
  /** @param {Event} event */
  const choose = (event) => {
    const button = within(event, "button[data-id]");
    const pipeline = memory.picture?.header.pipeline;
    if (button && pipeline) api.act({ kind: "choose", id: Number(button.dataset.id), pos: pipeline.pos });
  };
  parts.labels.addEventListener("click", choose);
  parts.token.addEventListener("click", () => api.act({ kind: "step" }));
  /** @param {Event} event */
  const light = (event) => {
    const at = event.type === "pointerleave" ? null : (within(event, "[data-row]")?.dataset.row ?? null);
    for (const cell of /** @type {NodeListOf<HTMLElement>} */ (parts.flow.querySelectorAll("[data-row]")))
      setClass(cell, "lit", cell.dataset.row === at);
  };
  parts.flow.addEventListener("pointerover", light);
  parts.flow.addEventListener("pointerleave", light);
}

/** @type {(header: StepsHeader, pipeline: PipelineView, api: Page) => string} */
function stepWords({ path, tree }, pipeline, api) {
  const at = tree?.nodes.find((node) => node.node === tree.at);
  const step = path.at + 1; // the one that chooses the next token: steps count from 1, as on all pages
  return at?.depth
    ? api.str("steps.small", { step, label: at.label })
    : api.str("steps.small_start", { step, pos: pipeline.pos });
}

/** @type {(parts: ReturnType<typeof pipelineParts>, pipeline: PipelineView & { step: number }, seed: number, api: Page) => void} */
function writeLine(parts, pipeline, seed, api) {
  const { choice, step } = pipeline;
  setText(parts.token.children[0], choice ? choice.label : "");
  parts.token.hidden = !choice;
  const [numbers, token, more] = parts.line.children;
  setText(numbers, choice ? inequality(choice, api) : "");
  setText(token, choice ? ` → ${choice.label} ` : "");
  if (!choice) return setText(more, "");
  const { before, after } = choice;
  const sides = before && after ? "neighbours" : before ? "neighbour_before" : "neighbour_after";
  const said = [api.str("steps.place", { place: fmtNumber(choice.place) })];
  if (before || after) said.push(api.str("steps." + sides, { before: before?.label, after: after?.label }));
  said.push(api.str("steps.seed_step", { step: step + 1, seed }));
  setText(more, said.join(" · "));
}

/** @type {(pipeline: PipelineView | null | undefined, api: Page) => Table} */
function pipelineTable(pipeline, api) {
  /** @param {string} key */
  const name = (key) => api.str("steps.column." + key);
  if (!pipeline) return { columns: [], rows: [] };
  const { rows, tail, stages } = pipeline;
  const names = stages.map((stage) => stageName(stage.name, api));
  /** @type {Cell[][]} */
  const lines = rows.map((row) => [
    row.id,
    row.label,
    row.logit,
    ...row.p,
    row.cut_at === null ? "" : names[row.cut_at],
  ]);
  if (tail.count)
    lines.push([null, api.str("steps.others", { count: fmtNumber(tail.count) }), tail.logit, ...tail.p, ""]);
  /** @param {string} key @param {(stage: PipelineStage) => number} value */
  const totals = (key, value) => [null, name(key), null, ...stages.map(value), ""];
  lines.push(
    totals("kept", (stage) => stage.kept),
    totals("mass", (stage) => stage.mass),
    totals("entropy", (stage) => stage.entropy),
  );
  return { columns: [name("id"), name("token"), name("logit"), ...names, name("cut")], rows: lines };
}
