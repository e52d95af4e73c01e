// The heat map of one head: where its cells lie and how they are painted. Rows are queries, columns keys.
// A geometry is in CSS pixels; a scene holds all that is painted: labels, values, selection, theme.

import { fmtNumber } from "../../kit/dom.js";
import { inkOn, signed } from "../../kit/theme.js";

/** @import { At, Geometry, LabelPlace, Scene, Visible } from "./types.d.ts" */

const SMALLEST_CELL = 8; // px a side; smaller cells could not be pointed at, so the panel scrolls inside instead
const LARGEST_CELL = 44;
const WIDEST = 1.45; // cells may be so much wider than high where the panel is: keys get room for their labels
const KEY_SLANT = -0.78; // radians; steep enough for neighbouring key labels to stay apart

// Where everything lies for `count` tokens in a panel of width × height. Margins do not depend on the tokens, so nothing jumps while one types.
/** @type {(width: number, height: number, count: number, type: number) => Geometry} */
export function heatGeometry(width, height, count, type) {
  const margin = Math.round(Math.min(84, Math.max(50, width * 0.19)) * type);
  const top = Math.round(48 * type);
  const right = Math.round(30 * type);
  const room = Math.max(40, width - margin - right);
  const side = Math.max(40, Math.min(room, height - top - 3));
  const ratio = globalThis.devicePixelRatio || 1;
  const stretch = Math.min(WIDEST, room / side);
  /** @param {number} length */
  const cut = (length) =>
    Math.min(LARGEST_CELL * type, Math.max(SMALLEST_CELL, Math.floor((length / Math.max(1, count)) * ratio) / ratio));
  const [wide, high] = [cut(side * stretch), cut(side)];
  const crowded = count * high > side || count * wide > room;
  const left = margin + (crowded ? 0 : Math.floor(Math.max(0, room - side * stretch) / 2));
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
  context.rect(left - 2, top - 2, width - left + 2, height - top + 2);
  context.clip();
  paintCells(context, geometry, scene, view);
  paintFrames(context, geometry, scene, view);
  context.restore();
  paintQueries(context, geometry, scene, view);
  paintKeys(context, geometry, scene, view);
  paintAxes(context, geometry, scene);
}

/** @type {(context: CanvasRenderingContext2D, geometry: Geometry, scene: Scene, view: Visible) => void} */
function paintCells(context, geometry, scene, view) {
  const { wide, high, count } = geometry;
  const { theme, values, most } = scene;
  const gap = high >= 12 ? 1 : 0.5;
  const struck = new Path2D();
  const slash = (high - gap) * 0.34; // half a diagonal at 45 degrees
  for (let query = view.firstRow; query <= view.lastRow; query += 1) {
    for (let key = view.firstColumn; key <= view.lastColumn; key += 1) {
      const [x, y] = [view.x + key * wide, view.y + query * high];
      const [middle, centre] = [x + (wide - gap) / 2, y + (high - gap) / 2];
      const value = values[query * count + key];
      if (Number.isNaN(value)) {
        struck.moveTo(middle - slash, centre + slash);
        struck.lineTo(middle + slash, centre - slash);
        continue;
      }
      context.fillStyle = signed(theme, value, most);
      context.fillRect(x, y, wide - gap, high - gap);
      if (high >= 10) paintValue(context, middle, centre, value, geometry, scene);
    }
  }
  context.strokeStyle = theme.cut;
  context.lineWidth = 0.8;
  context.stroke(struck);
}

// Large cells carry their number; smaller negative ones a minus sign, so that the sign does not rest on colour alone.
/** @type {(context: CanvasRenderingContext2D, x: number, y: number, value: number, geometry: Geometry, scene: Scene) => void} */
function paintValue(context, x, y, value, { wide, high, type }, { theme, stage, most }) {
  const numbered = wide >= 33 * type && high >= 20 * type;
  if (!numbered && value >= 0) return;
  context.fillStyle = inkOn(theme, value, most);
  if (!numbered) {
    context.globalAlpha = 0.55;
    context.fillRect(x - high * 0.15, y - 0.5, high * 0.3, 1);
    context.globalAlpha = 1;
    return;
  }
  const small = stage === "pattern" && value > 0 && value < 0.005;
  const weight = small ? "<.01" : value.toFixed(2).replace(/^0(?=\.)/, "");
  const text = stage === "pattern" ? weight : fmtNumber(value, Math.abs(value) < 9.95 ? 1 : 0);
  context.font = `${10.5 * type}px ${theme.mono}`;
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.fillText(text, x, y + 0.5);
}

/** @type {(context: CanvasRenderingContext2D, geometry: Geometry, scene: Scene, view: Visible) => void} */
function paintFrames(context, geometry, { theme, pos, key, lit, hover }, view) {
  const { wide, high, count } = geometry;
  const gap = high >= 12 ? 1 : 0.5;
  /** @param {number} row @param {number} column @param {number} rows @param {number} columns @param {string} colour @param {number} thickness */
  const frame = (row, column, rows, columns, colour, thickness) => {
    context.strokeStyle = colour;
    context.lineWidth = thickness;
    context.strokeRect(view.x + column * wide, view.y + row * high, columns * wide - gap, rows * high - gap);
  };
  if (lit !== null && lit < count) {
    context.globalAlpha = 0.7;
    frame(lit, 0, 1, count, theme.accent, 1.25);
    frame(0, lit, count, 1, theme.accent, 1.25);
    context.globalAlpha = 1;
  }
  if (hover && hover.query >= 0 && hover.key >= 0) frame(hover.query, hover.key, 1, 1, theme.ink, 1);
  if (pos >= 0 && key >= 0) frame(pos, key, 1, 1, theme.draw, 2);
}

/** @type {(context: CanvasRenderingContext2D, geometry: Geometry, scene: Scene, view: Visible) => void} */
function paintQueries(context, geometry, scene, view) {
  const { left, top, height, high, count, type } = geometry;
  const size = 12 * type;
  context.textBaseline = "middle";
  for (const query of readable(count, Math.ceil((size + 2) / high), [scene.pos, scene.lit])) {
    const y = view.y + (query + 0.5) * high;
    if (y < top || y > height) continue;
    paintLabel(context, scene, query, {
      x: left - 8,
      y,
      right: true,
      size,
      room: left - 12,
      strong: query === scene.pos,
    });
  }
}

/** @type {(context: CanvasRenderingContext2D, geometry: Geometry, scene: Scene, view: Visible) => void} */
function paintKeys(context, geometry, scene, view) {
  const { left, top, width, wide, count, type } = geometry;
  const size = 12 * type;
  context.textBaseline = "alphabetic";
  for (const key of readable(count, Math.ceil((size * 0.95) / (wide * Math.sin(-KEY_SLANT))), [scene.key, scene.lit])) {
    const x = view.x + (key + 0.5) * wide;
    if (x < left || x > width) continue;
    context.save();
    context.translate(x + size * 0.25, top - 6);
    context.rotate(KEY_SLANT);
    paintLabel(context, scene, key, {
      x: 0,
      y: 0,
      right: false,
      size,
      room: (top - 9) / Math.sin(-KEY_SLANT),
      strong: false,
    });
    context.restore();
  }
}

/** @type {(context: CanvasRenderingContext2D, geometry: Geometry, scene: Scene) => void} */
function paintAxes(context, { left, top, type }, { theme, words }) {
  context.font = `${10.5 * type}px ${theme.font}`;
  context.fillStyle = theme.mute;
  context.textAlign = "right";
  context.textBaseline = "alphabetic";
  context.fillText(words.key + " →", left - 8, top - 20 * type);
  context.fillText(words.query + " ↓", left - 8, top - 7 * type);
}

// A token's label; the mark of a leading space is a small faint dot, drawn, because fonts disagree about the width of "·".
/** @type {(context: CanvasRenderingContext2D, scene: Scene, index: number, place: LabelPlace) => void} */
function paintLabel(context, scene, index, { x, y, right, size, room, strong }) {
  const { theme } = scene;
  context.font = `${strong ? 600 : 400} ${size}px ${theme.font}`;
  context.fillStyle = strong || index === scene.lit ? theme.accent : theme.mute;
  context.textAlign = right ? "right" : "left";
  const whole = scene.labels[index] || "";
  const spaced = whole.length > 1 && whole.startsWith("·");
  const shift = spaced ? size * 0.3 : 0;
  const text = fitLabel(context, spaced ? whole.slice(1) : whole, room - shift, scene.fitted);
  context.fillText(text, right ? x : x + shift, y);
  if (!spaced) return;
  const dot = right ? x - context.measureText(text).width - shift * 0.6 : x + shift * 0.4;
  context.globalAlpha = 0.55;
  context.beginPath();
  context.arc(dot, right ? y : y - size * 0.28, size * 0.085, 0, 7);
  context.fill();
  context.globalAlpha = 1;
}

// Which of `count` labels can stand `every` apart: the last always, the wanted ones always, none too near to a wanted one.
/** @type {(count: number, every: number, wanted: (number | null)[]) => number[]} */
export function readable(count, every, wanted) {
  const sure = [...new Set(wanted)].filter((at) => at !== null && at >= 0 && at < count);
  /** @param {number} at */
  const near = (at) => sure.some((one) => one !== at && Math.abs(Number(one) - at) < every);
  const shown = [];
  for (let at = count - 1; at >= 0; at -= 1) {
    if (sure.includes(at) || ((count - 1 - at) % every === 0 && !near(at))) shown.push(at);
  }
  return shown.reverse();
}

// The label cut with "…" to at most `room` px; measured once per label, font and room.
/** @type {(context: CanvasRenderingContext2D, text: string, room: number, known: Map<string, string>) => string} */
export function fitLabel(context, text, room, known) {
  const name = context.font + "|" + Math.round(room) + "|" + text;
  const before = known.get(name);
  if (before !== undefined) return before;
  const letters = [...text.slice(0, 40)];
  let fitted = text;
  while (letters.length > 1 && context.measureText(fitted).width > room) {
    letters.pop();
    fitted = letters.join("") + "…";
  }
  if (known.size > 4000) known.clear();
  known.set(name, fitted);
  return fitted;
}
