// The attention panel: head pickers, the stage switch, the heat map of one head, the causal mask and the chosen cell's arithmetic.

import { createPicker } from "../../kit/buttons.js";
import { attentionArrived, attentionChosen, attentionMenu, attentionReadout, attentionScene } from "./attention.js";
import { fmtOperand } from "../../kit/numbers.js";
import { createCell } from "./cell.js";
import { clamp, el, setAttr, setClass, setStyle, setText } from "../../kit/dom.js";
import { heatGeometry, heatHit, paintHeat } from "./heat.js";
import { createMask } from "./mask.js";
import { fitCanvas, signed } from "../../kit/theme.js";

/** @import { At, AttentionMemory, AttentionParts, Geometry, Legend, Page, Panel, Scene, Shown } from "./types.d.ts" */
/** @import { AttentionView } from "./message.d.ts" */
/** @import { Theme } from "../../kit/theme.js" */

const ATTENTION_STAGES = ["raw", "scores", "masked", "pattern"];

// update(picture) draws a picture in place; light(pos | null) lights the row and the column of a position.
/** @type {(host: HTMLElement, api: Page) => Panel} */
export function createAttention(host, api) {
  const parts = attentionParts(host, api);
  /** @type {AttentionMemory} */
  const memory = {
    picture: null,
    lit: null,
    hover: null,
    geometry: null,
    fitted: new Map(),
    ids: "",
    zoomed: false,
    awaiting: [],
  };
  const mask = createMask(parts.side, api);
  const cell = createCell(parts.side, api);
  const menu = api.menu(attentionMenu(memory, api));
  parts.head.append(menu);
  const draw = () => {
    if (!memory.picture) return;
    memory.geometry = drawAttention(parts, memory.picture, attentionScene(memory.picture, memory, api), memory.zoomed);
    showZoom(parts, memory, api);
    setText(parts.status, attentionReadout(memory, api));
  };
  /** @param {number} query @param {number | null} key */
  const choose = (query, key) => {
    if (!memory.picture) return;
    api.setView({ pos: query === memory.picture.header.ids.length - 1 ? null : query, key });
    revealCell(parts.scroll, memory.geometry, query, key);
    draw();
    mask.update(memory.picture, attentionChosen(memory.picture, api));
  };
  api.onResize(parts.scroll, draw);
  parts.scroll.addEventListener("scroll", draw, { passive: true });
  listenToPointer(parts, memory, api, draw, choose);
  parts.zoom.addEventListener("click", () => {
    if (!memory.picture) return;
    memory.zoomed = !memory.zoomed;
    draw();
    const { pos, key } = attentionChosen(memory.picture, api);
    revealCell(parts.scroll, memory.geometry, pos, key);
    draw();
  });
  listenToArrows(parts, memory, api, choose);

  /** @param {Shown} picture */
  function update(picture) {
    const ids = picture.header.ids.join(",");
    const other = ids !== memory.ids;
    Object.assign(memory, { picture, ids, hover: other ? null : memory.hover });
    updateControls(parts, picture, api);
    draw();
    if (other && memory.geometry?.crowded) {
      parts.scroll.scrollTo(parts.scroll.scrollWidth, parts.scroll.scrollHeight);
      draw();
    }
    setAttr(parts.canvas, "aria-label", (ids && picture.header.attention?.reading) || api.str("empty.hint"));
    mask.update(picture, attentionChosen(picture, api));
    cell.update(picture);
    setAttr(parts.canvas, "data-ids", ids);
    attentionArrived(memory, api);
  }
  /** @param {number | null} pos */
  const light = (pos) => {
    if (pos === memory.lit) return;
    memory.lit = pos;
    draw();
  };
  return { update, light };
}

// Pointing lights the query's row and column everywhere; a click on a cell chooses it, on a label its row (with the strongest key) or column.
/** @type {(parts: AttentionParts, memory: AttentionMemory, api: Page, draw: () => void, choose: (query: number, key: number | null) => void) => void} */
function listenToPointer({ canvas, scroll }, memory, api, draw, choose) {
  /** @param {At | null} at */
  const point = (at) => {
    if (at?.query === memory.hover?.query && at?.key === memory.hover?.key) return;
    memory.hover = at;
    api.hover(at ? (at.query >= 0 ? at.query : at.key) : null);
    draw();
  };
  canvas.addEventListener("pointermove", (event) => point(attentionHit(event, memory, scroll)));
  canvas.addEventListener("pointerleave", () => point(null));
  canvas.addEventListener("click", (event) => {
    const at = attentionHit(event, memory, scroll);
    if (!at) return;
    if (at.query < 0 && memory.picture) choose(attentionChosen(memory.picture, api).pos, at.key);
    else choose(at.query, at.key < 0 ? null : at.key);
  });
}

/** @type {(parts: AttentionParts, memory: AttentionMemory, api: Page, choose: (query: number, key: number | null) => void) => void} */
function listenToArrows({ canvas }, memory, api, choose) {
  canvas.addEventListener("keydown", (event) => {
    const move = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key];
    const count = memory.picture?.header.ids.length;
    if (!move || !count || !memory.picture || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    event.stopPropagation();
    const { pos, key } = attentionChosen(memory.picture, api);
    choose(clamp(pos + move[0], 0, count - 1), clamp(key + move[1], 0, count - 1));
  });
}

/** @type {(host: HTMLElement, api: Page) => AttentionParts} */
function attentionParts(host, api) {
  const [layer, head] = [createPicker("layer", api), createPicker("head", api)];
  const stages = ATTENTION_STAGES.map((stage) =>
    el("button", { type: "button", "data-testid": `stage-${stage}`, onclick: () => api.setView({ stage }) }),
  );
  const canvas = el("canvas", { "data-testid": "attention", tabindex: "0", role: "img" });
  const spacer = el("div", { class: "att-spacer" }, canvas);
  const scroll = el("div", { class: "att-scroll" }, spacer);
  const empty = el("p", { class: "empty-hint" });
  const status = el("span", { class: "readout mono" });
  const [low, bar, high] = [el("span", {}), el("i", {}), el("span", {})];
  const legend = { low, bar, high, box: el("span", { class: "legend mono" }, low, bar, high) };
  const title = el("h2", {});
  const headRow = el("div", { class: "panel-head" }, title, layer.node, head.node);
  const switcher = el("div", { class: "switch", role: "group" }, stages);
  const side = el("div", { class: "att-side" });
  const zoom = el("button", { type: "button", class: "link", "data-testid": "zoom" });
  const main = el(
    "div",
    { class: "att-main" },
    el("div", { class: "att-bar" }, switcher, zoom),
    el("div", { class: "att-box" }, scroll, empty),
    el("div", { class: "foot" }, status, legend.box),
  );
  const panel = el("div", { class: "panel att" }, headRow, el("div", { class: "att-grid" }, main, side));
  host.append(panel);
  return {
    panel,
    title,
    layer,
    headPicker: head,
    stages,
    switcher,
    zoom,
    canvas,
    spacer,
    scroll,
    empty,
    status,
    legend,
    side,
    head: headRow,
  };
}

/** @type {(parts: AttentionParts, picture: Shown, api: Page) => void} */
function updateControls(parts, { header, theme }, api) {
  const view = api.view();
  const { attention } = header;
  setText(parts.title, api.str("panel.attention.title"));
  parts.layer.show(attention?.n_layer);
  parts.headPicker.show(attention?.n_head);
  parts.stages.forEach((button, i) => {
    setText(button, api.str(`panel.attention.stage.${ATTENTION_STAGES[i]}`));
    setAttr(button, "title", api.str(`panel.attention.stage.${ATTENTION_STAGES[i]}_hint`));
    setAttr(button, "aria-pressed", String(view.stage === ATTENTION_STAGES[i]));
  });
  setAttr(parts.switcher, "aria-label", api.str("panel.attention.stages"));
  setText(parts.empty, header.ids.length ? "" : api.str("empty.hint"));
  setAttr(parts.panel, "data-empty", !header.ids.length);
  if (attention && header.ids.length) updateLegend(parts.legend, attention, theme, api);
}

// Where cells are too small for their numbers they can be made large enough, and the panel scrolls then.
/** @type {(parts: AttentionParts, memory: AttentionMemory, api: Page) => void} */
function showZoom({ zoom }, { geometry, zoomed, picture }, api) {
  zoom.hidden = !picture?.header.ids.length || (!zoomed && Boolean(geometry?.numbered));
  setText(zoom, api.str(zoomed ? "panel.attention.whole" : "panel.attention.zoom"));
  setAttr(zoom, "title", api.str("panel.attention.zoom_hint"));
}

// The bar under the picture: the colours from the lowest to the highest value, which are written at its ends.
/** @type {(legend: Legend, attention: AttentionView, theme: Theme, api: Page) => void} */
function updateLegend(legend, { stage, min, max }, theme, api) {
  const [low, high] = stage === "pattern" ? [0, 1] : [min, max];
  const most = stage === "pattern" ? 1 : Math.max(Math.abs(min), Math.abs(max));
  const stops = Array.from({ length: 17 }, (_, i) => signed(theme, low + ((high - low) * i) / 16, most));
  setClass(legend.box, "signed", stage !== "pattern");
  setText(legend.low, stage === "pattern" ? "0" : fmtOperand(low));
  setText(legend.high, stage === "pattern" ? "1" : fmtOperand(high));
  const colours = `linear-gradient(90deg, ${stops.join(", ")})`;
  if (legend.colours !== colours) setStyle(legend.bar, "background", colours);
  legend.colours = colours;
  setAttr(
    legend.box,
    "title",
    api.str(stage === "pattern" ? "panel.attention.legend_pattern" : "panel.attention.legend_signed"),
  );
}

/** @type {(parts: AttentionParts, picture: Shown, scene: Scene, zoomed: boolean) => Geometry} */
function drawAttention({ canvas, scroll, spacer }, picture, scene, zoomed) {
  const total = picture.header.ids.length;
  const { type } = picture.theme;
  let geometry = heatGeometry(scroll.clientWidth, scroll.clientHeight, total, type, zoomed);
  setStyle(spacer, "width", geometry.crowded ? geometry.fullWidth + "px" : "100%");
  setStyle(spacer, "height", geometry.crowded ? geometry.fullHeight + "px" : "100%");
  if (scroll.clientWidth !== geometry.width || scroll.clientHeight !== geometry.height) {
    geometry = heatGeometry(scroll.clientWidth, scroll.clientHeight, total, type, zoomed);
  }
  const context = fitCanvas(canvas, geometry.width, geometry.height);
  if (total) paintHeat(context, geometry, scene, scroll.scrollLeft, scroll.scrollTop);
  return geometry;
}

/** @type {(event: MouseEvent, memory: AttentionMemory, scroll: HTMLElement) => At | null} */
function attentionHit(event, { geometry }, scroll) {
  if (!geometry?.count) return null;
  const box = scroll.getBoundingClientRect();
  const zoom = box.width / geometry.width || 1;
  return heatHit(
    geometry,
    (event.clientX - box.left) / zoom,
    (event.clientY - box.top) / zoom,
    scroll.scrollLeft,
    scroll.scrollTop,
  );
}

// Scrolls just so far that a cell is in view.
/** @type {(scroll: HTMLElement, geometry: Geometry | null, query: number, key: number | null) => void} */
function revealCell(scroll, geometry, query, key) {
  if (!geometry?.crowded) return;
  const { wide, high, left, top, width, height } = geometry;
  /** @param {number} now @param {number} index @param {number} length @param {number} room */
  const needed = (now, index, length, room) => clamp(now, (index + 1) * length - room, index * length);
  const x = key === null ? scroll.scrollLeft : needed(scroll.scrollLeft, key, wide, width - left);
  const y = needed(scroll.scrollTop, query, high, height - top);
  if (x !== scroll.scrollLeft || y !== scroll.scrollTop) scroll.scrollTo(x, y);
}
