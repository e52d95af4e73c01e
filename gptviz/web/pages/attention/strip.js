// A strip of cells, one vector a row: indigo above zero, grey below, the deeper the further. A cell is chosen by a click, or by the
// arrows: the strip is a slider over its numbers.

import { clamp, el, fmtNumber, setAttr } from "../../kit/dom.js";
import { fmtOperand } from "../../kit/numbers.js";
import { fitCanvas, signed } from "../../kit/theme.js";

/** @import { Theme } from "../../kit/theme.js" */
/** @import { StripView } from "./types.d.ts" */
/** @typedef {{ node: HTMLElement, show: (view: StripView, theme: Theme) => void }} Strip */
/** @typedef {{ name: string, testid: string, choose: (row: number, index: number) => void, hover: (text: string) => void }} StripDeps */

/** @type {(deps: StripDeps) => Strip} */
export function createStrip({ name, testid, choose, hover }) {
  /** @type {{ view: StripView | null, theme: Theme | null }} */
  const memory = { view: null, theme: null };
  const canvas = el("canvas", { role: "slider", tabindex: "0", "aria-label": name, "data-testid": testid });
  const node = el("div", { class: "strip" }, canvas);
  /** @param {MouseEvent} event */
  const cellAt = (event) => {
    const { view } = memory;
    const box = canvas.getBoundingClientRect();
    if (!view || !box.width) return null;
    const index = clamp(Math.floor(((event.clientX - box.left) / box.width) * view.wide), 0, view.wide - 1);
    const row = clamp(Math.floor(((event.clientY - box.top) / box.height) * view.rows), 0, view.rows - 1);
    return { row, index };
  };
  /** @param {{ row: number, index: number }} at */
  const said = ({ row, index }) =>
    `${name}[${index}] = ${fmtOperand(memory.view?.values[row * memory.view.wide + index])}`;
  canvas.addEventListener("click", (event) => {
    const at = cellAt(event);
    if (at) choose(at.row, at.index);
  });
  canvas.addEventListener("pointermove", (event) => {
    const at = cellAt(event);
    hover(at ? said(at) : "");
  });
  canvas.addEventListener("pointerleave", () => hover(""));
  canvas.addEventListener("keydown", (event) => {
    const { view } = memory;
    const move = MOVES[event.key];
    if (!view || !move || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    event.stopPropagation();
    const from = view.chosen ?? { row: 0, index: 0 };
    choose(clamp(from.row + move[0], 0, view.rows - 1), clamp(from.index + move[1], 0, view.wide - 1));
  });
  const draw = () => {
    if (memory.view && memory.theme && node.clientWidth)
      paintStrip(canvas, node.clientWidth, memory.view, memory.theme);
  };
  new ResizeObserver(draw).observe(node);
  return {
    node,
    show: (view, theme) => {
      Object.assign(memory, { view, theme });
      const at = view.chosen ?? { row: 0, index: 0 };
      setAttr(canvas, "aria-valuemin", 0);
      setAttr(canvas, "aria-valuemax", view.wide - 1);
      setAttr(canvas, "aria-valuenow", at.index);
      setAttr(canvas, "aria-valuetext", said(at));
      node.style.height = view.rows * view.high + "px";
      draw();
    },
  };
}

/** @type {Record<string, [number, number]>} */
const MOVES = {
  ArrowUp: [-1, 0],
  ArrowDown: [1, 0],
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1],
  Home: [0, -1e9],
  End: [0, 1e9],
};

/** @type {(canvas: HTMLCanvasElement, width: number, view: StripView, theme: Theme) => void} */
function paintStrip(canvas, width, view, theme) {
  const { values, rows, wide, high, most } = view;
  const context = fitCanvas(canvas, width, rows * high);
  const ratio = globalThis.devicePixelRatio || 1;
  /** @param {number} at */
  const edge = (at) => Math.round(((at * width) / wide) * ratio) / ratio;
  for (let row = 0; row < rows; row += 1) {
    const struck = view.struck?.(row) ?? false;
    context.globalAlpha = struck ? 0.28 : 1;
    for (let at = 0; at < wide; at += 1) {
      context.fillStyle = signed(theme, values[row * wide + at], most);
      context.fillRect(edge(at), row * high + 2, edge(at + 1) - edge(at), high - 4);
    }
    context.globalAlpha = 1;
    if (struck) strike(context, edge(wide), row * high, high, theme.cut);
  }
  frame(context, view, edge, theme);
}

/** @type {(context: CanvasRenderingContext2D, view: StripView, edge: (at: number) => number, theme: Theme) => void} */
function frame(context, { chosen, group, rows, wide, high }, edge, theme) {
  if (group) {
    context.fillStyle = theme.panel;
    for (let at = group.size; at < wide; at += group.size) context.fillRect(edge(at) - 1, 0, 2, rows * high);
    context.strokeStyle = theme.accent;
    context.lineWidth = 1.5;
    context.strokeRect(edge(group.at * group.size) + 0.75, 0.75, edge(group.size) - 1.5, high - 1.5);
  }
  if (!chosen) return;
  const [left, right] = [edge(chosen.index), edge(chosen.index + 1)];
  context.strokeStyle = theme.draw;
  context.lineWidth = 2;
  context.strokeRect(Math.max(1, left - 1), chosen.row * high + 1, Math.max(3, right - left + 1.5), high - 2);
}

/** @type {(context: CanvasRenderingContext2D, width: number, top: number, high: number, colour: string) => void} */
function strike(context, width, top, high, colour) {
  context.strokeStyle = colour;
  context.lineWidth = 0.8;
  context.beginPath();
  for (let x = 4; x < width; x += 8) {
    context.moveTo(x, top + high - 4);
    context.lineTo(Math.min(width, x + high - 8), top + 4);
  }
  context.stroke();
}

// The scale of some numbers: the largest there is of either sign.
/** @type {(values: ArrayLike<number>) => number} */
export function largest(values) {
  let most = 0;
  for (let at = 0; at < values.length; at += 1) {
    const size = Math.abs(values[at]);
    if (size > most && Number.isFinite(size)) most = size;
  }
  return most;
}

// A number as it stands in a narrow column.
/** @type {(value: number) => string} */
export function short(value) {
  return fmtNumber(value, Math.abs(value) < 99.95 ? 2 : 1);
}
