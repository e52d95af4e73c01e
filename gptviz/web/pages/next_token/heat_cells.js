// The cells of a heat map: their colours and numbers, masked ones struck out, and the frames around those that are chosen.

import { clamp, fmtNumber } from "../../kit/dom.js";
import { inkOn, signed, signedWord } from "../../kit/theme.js";

/** @import { Geometry, Scene, Visible } from "./types.d.ts" */
/** @typedef {[x: number, y: number, endX: number, endY: number]} Segment */

const SMALL = 8; // px a side: smaller cells have no lines between them, and a frame around one of them stands outside it

// Large cells one by one, thousands of small ones as an image.
/** @type {(context: CanvasRenderingContext2D, geometry: Geometry, scene: Scene, view: Visible) => void} */
export function paintMatrix(context, geometry, scene, view) {
  if (Math.min(geometry.wide, geometry.high) < SMALL) paintSmall(context, geometry, scene, view);
  else paintCells(context, geometry, scene, view);
  paintFrames(context, geometry, scene, view);
}

/** @type {(context: CanvasRenderingContext2D, geometry: Geometry, scene: Scene, view: Visible) => void} */
function paintCells(context, geometry, scene, view) {
  const { wide, high, count } = geometry;
  const { theme, values, most } = scene;
  const gap = 1;
  /** @type {Segment[]} */
  const struck = [];
  const slash = (Math.min(wide, high) - gap) * 0.34; // half a diagonal at 45 degrees
  for (let query = view.firstRow; query <= view.lastRow; query += 1) {
    const [y, bottom] = [onPixel(view.y + query * high), onPixel(view.y + (query + 1) * high)];
    for (let key = view.firstColumn; key <= view.lastColumn; key += 1) {
      const [x, end] = [onPixel(view.x + key * wide), onPixel(view.x + (key + 1) * wide)];
      const [middle, centre] = [(x + end - gap) / 2, (y + bottom - gap) / 2];
      const value = values[query * count + key];
      if (Number.isNaN(value)) {
        struck.push([middle - slash, centre + slash, middle + slash, centre - slash]);
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
  strokeStruck(context, hatched(view.x, view.y, count * wide, count * high), scene.theme.cut);
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

// Diagonals all over the matrix, for masked cells too small to be struck out one by one; the others are painted over them.
/** @type {(left: number, top: number, wide: number, high: number) => Segment[]} */
function hatched(left, top, wide, high) {
  /** @type {Segment[]} */
  const lines = [];
  for (let at = 5; at < wide + high; at += 5) {
    lines.push([
      left + Math.max(0, at - high),
      top + Math.min(high, at),
      left + Math.min(wide, at),
      top + Math.max(0, at - wide),
    ]);
  }
  return lines;
}

/** @type {(context: CanvasRenderingContext2D, lines: Segment[], colour: string) => void} */
function strokeStruck(context, lines, colour) {
  context.strokeStyle = colour;
  context.lineWidth = 0.8;
  context.beginPath();
  for (const [x, y, end, bottom] of lines) {
    context.moveTo(x, y);
    context.lineTo(end, bottom);
  }
  context.stroke();
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
  context.font = `${clamp(Math.min(high * 0.3, wide * 0.24), 10.5 * type, 16 * type)}px ${theme.mono}`;
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.fillText(text, x, y + 0.5);
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

// An edge on the screen's own pixels: cells of any size stand without seams.
/** @type {(at: number) => number} */
function onPixel(at) {
  const ratio = globalThis.devicePixelRatio || 1;
  return Math.round(at * ratio) / ratio;
}
