// The heat map of one head: where its cells lie, and the whole painted (heat_cells.js, heat_labels.js). Rows are queries, columns keys.
// A geometry is in CSS pixels; a scene holds all that is painted: labels, values, selection, theme.

import { paintMatrix } from "./heat_cells.js";
import { paintLabels } from "./heat_labels.js";

/** @import { At, Geometry, Scene } from "./types.d.ts" */

const LEGIBLE = { wide: 34, high: 21 }; // px of a cell that carries its number; zooming in makes all so large
const WIDEST = 1.45; // cells may be so much wider than high, or higher than wide, where the panel is

// Where everything lies for `count` tokens in a panel of width × height: the whole matrix fills it, however many or few they are, or,
// zoomed in, scrolls in it. Margins do not depend on the tokens, so nothing jumps while one types.
/** @type {(width: number, height: number, count: number, type: number, zoomed?: boolean) => Geometry} */
export function heatGeometry(width, height, count, type, zoomed = false) {
  const margin = Math.round(Math.min(84, Math.max(50, width * 0.19)) * type);
  const top = Math.round(48 * type);
  const right = Math.round(30 * type);
  const room = Math.max(40, width - margin - right);
  const below = Math.max(40, height - top - 3);
  const side = Math.min(room, below);
  const [across, down] = [Math.min(room, side * WIDEST), Math.min(below, side * WIDEST)];
  const cells = Math.max(1, count);
  const [least, low] = zoomed ? [LEGIBLE.wide * type, LEGIBLE.high * type] : [0, 0];
  const [wide, high] = [Math.max(least, across / cells), Math.max(low, down / cells)];
  const crowded = count * high > down + 0.5 || count * wide > room + 0.5;
  const left = margin + (crowded ? 0 : Math.floor(Math.max(0, room - across) / 2));
  return {
    width,
    height,
    left,
    top,
    wide,
    high,
    count,
    type,
    crowded,
    numbered: wide >= LEGIBLE.wide * type - 1 && high >= LEGIBLE.high * type - 1,
    fullWidth: left + count * wide + right,
    fullHeight: top + count * high + 3,
  };
}

// The cell under a point of the visible canvas: {query, key}, either −1 where the point is on the labels; null outside.
/** @type {(geometry: Geometry, x: number, y: number, scrollX: number, scrollY: number) => At | null} */
export function heatHit(geometry, x, y, scrollX, scrollY) {
  const { left, top, wide, high, count } = geometry;
  const key = x < left ? -1 : Math.floor((x - left + scrollX) / wide);
  const query = y < top ? -1 : Math.floor((y - top + scrollY) / high);
  return key < count && query < count && (key >= 0 || query >= 0) ? { query, key } : null;
}

// Paints a scene {values, labels, stage, most, pos, key, lit, hover, theme, words, fitted} on a context in CSS pixels.
/** @type {(context: CanvasRenderingContext2D, geometry: Geometry, scene: Scene, scrollX?: number, scrollY?: number) => void} */
export function paintHeat(context, geometry, scene, scrollX = 0, scrollY = 0) {
  const { left, top, width, height, wide, high, count } = geometry;
  const view = {
    x: left - scrollX,
    y: top - scrollY,
    firstColumn: Math.max(0, Math.floor(scrollX / wide)),
    lastColumn: Math.min(count - 1, Math.floor((scrollX + width - left) / wide)),
    firstRow: Math.max(0, Math.floor(scrollY / high)),
    lastRow: Math.min(count - 1, Math.floor((scrollY + height - top) / high)),
  };
  context.save();
  context.beginPath();
  context.rect(left - 4, top - 4, width - left + 4, height - top + 4);
  context.clip();
  paintMatrix(context, geometry, scene, view);
  context.restore();
  paintLabels(context, geometry, scene, view);
}
