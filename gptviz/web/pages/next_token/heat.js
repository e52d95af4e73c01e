// The heat map of one head: where its cells lie and how they are painted. Rows are queries, columns keys.
// A geometry is in CSS pixels; a scene holds all that is painted: labels, values, selection, theme.

import { fmtNumber } from "../../kit/dom.js";
import { inkOn, signed, signedWord } from "../../kit/theme.js";

/** @import { At, Geometry, LabelPlace, Scene, Visible } from "./types.d.ts" */

const LEGIBLE = { wide: 34, high: 21 }; // px of a cell that carries its number; zooming in makes all so large
const WIDEST = 1.45; // cells may be so much wider than high, or higher than wide, where the panel is
const KEY_SLANT = -0.78; // radians; steep enough for neighbouring key labels to stay apart
const SMALL = 8; // px a side: smaller cells have no lines between them, and a frame around one of them stands outside it

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
  if (Math.min(geometry.wide, geometry.high) < SMALL) paintSmall(context, geometry, scene, view);
  else paintCells(context, geometry, scene, view);
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
  const gap = 1;
  const struck = new Path2D();
  const slash = (Math.min(wide, high) - gap) * 0.34; // half a diagonal at 45 degrees
  for (let query = view.firstRow; query <= view.lastRow; query += 1) {
    const [y, bottom] = [onPixel(view.y + query * high), onPixel(view.y + (query + 1) * high)];
    for (let key = view.firstColumn; key <= view.lastColumn; key += 1) {
      const [x, end] = [onPixel(view.x + key * wide), onPixel(view.x + (key + 1) * wide)];
      const [middle, centre] = [(x + end - gap) / 2, (y + bottom - gap) / 2];
      const value = values[query * count + key];
      if (Number.isNaN(value)) {
        struck.moveTo(middle - slash, centre + slash);
        struck.lineTo(middle + slash, centre - slash);
        continue;
      }
      context.fillStyle = signed(theme, value, most);
      context.fillRect(x, y, end - x - gap, bottom - y - gap);
      if (high >= 10) paintValue(context, middle, centre, value, geometry, scene);
    }
  }
  strokeStruck(context, struck, theme.cut);
}

// Thousands of small cells as one image, made once per picture; masked ones are clear, and the diagonals below them are seen.
/** @type {(context: CanvasRenderingContext2D, geometry: Geometry, scene: Scene, view: Visible) => void} */
function paintSmall(context, { wide, high, count }, scene, view) {
  const struck = new Path2D();
  hatchSquare(struck, view.x, view.y, count * wide, count * high);
  strokeStruck(context, struck, scene.theme.cut);
  context.imageSmoothingEnabled = Math.min(wide, high) * (globalThis.devicePixelRatio || 1) < 1; // else a row would be left out
  context.drawImage(imageOf(scene, count), view.x, view.y, count * wide, count * high);
}

/** @type {WeakMap<object, HTMLCanvasElement>} */
const IMAGES = new WeakMap();

/** @type {(scene: Scene, count: number) => HTMLCanvasElement} */
function imageOf({ picture, values, theme, most }, count) {
  const known = IMAGES.get(picture);
  if (known) return known;
  const image = document.createElement("canvas");
  image.width = image.height = count;
  const context = /** @type {CanvasRenderingContext2D} */ (image.getContext("2d"));
  const pixels = context.createImageData(count, count);
  const words = new Uint32Array(pixels.data.buffer);
  for (let at = 0; at < words.length; at += 1) {
    if (!Number.isNaN(values[at])) words[at] = signedWord(theme, values[at], most);
  }
  context.putImageData(pixels, 0, 0);
  IMAGES.set(picture, image);
  return image;
}

// An edge on the screen's own pixels: cells of any size stand without seams.
/** @type {(at: number) => number} */
function onPixel(at) {
  const ratio = globalThis.devicePixelRatio || 1;
  return Math.round(at * ratio) / ratio;
}

// Diagonals all over the matrix, for masked cells too small to be struck out one by one; the others are painted over them.
/** @type {(path: Path2D, left: number, top: number, wide: number, high: number) => void} */
function hatchSquare(path, left, top, wide, high) {
  for (let at = 5; at < wide + high; at += 5) {
    path.moveTo(left + Math.max(0, at - high), top + Math.min(high, at));
    path.lineTo(left + Math.min(wide, at), top + Math.max(0, at - wide));
  }
}

/** @type {(context: CanvasRenderingContext2D, path: Path2D, colour: string) => void} */
function strokeStruck(context, path, colour) {
  context.strokeStyle = colour;
  context.lineWidth = 0.8;
  context.stroke(path);
}

// Large cells carry their number; smaller negative ones a minus sign, so that the sign does not rest on colour alone.
/** @type {(context: CanvasRenderingContext2D, x: number, y: number, value: number, geometry: Geometry, scene: Scene) => void} */
function paintValue(context, x, y, value, { wide, high, type, numbered }, { theme, stage, most }) {
  if (!numbered && value >= 0) return;
  context.fillStyle = inkOn(theme, value, most);
  if (!numbered) {
    context.globalAlpha = 0.55;
    context.fillRect(x - high * 0.15, y - 0.5, high * 0.3, 1);
    context.globalAlpha = 1;
    return;
  }
  const small = stage === "pattern" && value > 0 && value < 0.005;
  const weight = small ? "<.01" : fmtNumber(value, 2).replace(/^0(?=\.)/, "");
  const text = stage === "pattern" ? weight : fmtNumber(value, Math.abs(value) < 9.95 ? 1 : 0);
  context.font = `${between(10.5 * type, Math.min(high * 0.3, wide * 0.24), 16 * type)}px ${theme.mono}`;
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.fillText(text, x, y + 0.5);
}

/** @type {(least: number, wanted: number, most: number) => number} */
function between(least, wanted, most) {
  return Math.min(most, Math.max(least, wanted));
}

/** @type {(context: CanvasRenderingContext2D, geometry: Geometry, scene: Scene, view: Visible) => void} */
function paintFrames(context, geometry, { theme, pos, key, lit, hover }, view) {
  const { wide, high, count } = geometry;
  const gap = Math.min(wide, high) < SMALL ? 0 : 1;
  /** @param {number} row @param {number} column @param {number} rows @param {number} columns @param {string} colour @param {number} thickness */
  const frame = (row, column, rows, columns, colour, thickness) => {
    // around what is small, so that the colour within stays to be seen
    const around = Math.min(columns * wide, rows * high) < SMALL ? thickness : 0;
    const [x, y] = [onPixel(view.x + column * wide) - around, onPixel(view.y + row * high) - around];
    const [across, down] = [columns * wide - gap + 2 * around, rows * high - gap + 2 * around];
    context.strokeStyle = colour;
    context.lineWidth = thickness;
    context.strokeRect(x, y, across, down);
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

// Large cells have larger names.
/** @type {(geometry: Geometry) => number} */
function labelSize({ wide, high, type }) {
  return between(12 * type, Math.min(wide, high) * 0.28, 16 * type);
}

/** @type {(context: CanvasRenderingContext2D, geometry: Geometry, scene: Scene, view: Visible) => void} */
function paintQueries(context, geometry, scene, view) {
  const { left, top, height, high, count } = geometry;
  const size = labelSize(geometry);
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
  const { left, top, width, wide, count } = geometry;
  const size = labelSize(geometry);
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
