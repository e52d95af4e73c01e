// The causal mask as a small square: filled = position i may look there, struck out = it may not; the chosen row is framed.

import { el, numbersOf, setAttr, setText } from "../../kit/dom.js";
import { paintedPicture } from "../../kit/pen.js";
import { fitCanvas, mixColour } from "../../kit/theme.js";

/** @import { Numbers, Table } from "../../types.d.ts" */
/** @import { Chosen, Page, Shown } from "./types.d.ts" */

const MASK_SIDE = 58;
const SAVED = 480; // px a side, of what is saved

// update(picture, {pos, key}) draws; menu data come with it.
/** @type {(host: HTMLElement, api: Page) => { update: (picture: Shown, chosen: Chosen) => void }} */
export function createMask(host, api) {
  /** @type {Shown | null} */
  let shown = null;
  const canvas = el("canvas", { class: "mask-square", "data-testid": "mask", role: "img" });
  const caption = el("span", {});
  const foot = el("figcaption", {}, caption);
  host.append(el("figure", { class: "mask-figure" }, canvas, foot));
  const spec = {
    title: () => api.str("panel.mask.title"),
    reading: () => shown?.header.mask?.reading ?? "",
    python: () => shown?.header.mask?.python ?? "",
    table: () => maskTable(shown),
    picture: () => {
      const picture = shown;
      if (!picture) return null;
      const none = { pos: -1, key: -1 };
      return paintedPicture(SAVED, SAVED, picture.theme.panel, (context) => paintMask(context, SAVED, picture, none));
    },
  };
  const menu = api.menu(spec);
  foot.append(menu);

  /** @param {Shown} picture @param {Chosen} chosen */
  function update(picture, chosen) {
    const count = picture.header.ids.length;
    shown = count && picture.header.mask ? picture : null;
    const side = Math.round(MASK_SIDE * picture.theme.type);
    const context = fitCanvas(canvas, side, side);
    if (shown) paintMask(context, side, picture, chosen);
    setText(caption, api.str("panel.mask.title"));
    setAttr(canvas, "aria-label", shown ? (picture.header.mask?.reading ?? "") : api.str("panel.mask.title"));
    setAttr(canvas, "title", api.str("panel.mask.hint"));
    setAttr(canvas, "data-ids", picture.header.ids.join(","));
  }
  return { update };
}

/** @type {(context: CanvasRenderingContext2D, side: number, picture: Shown, chosen: Chosen) => void} */
function paintMask(context, side, picture, { pos, key }) {
  const { theme } = picture;
  const allowed = numbersOf(picture, "mask");
  const count = picture.header.ids.length;
  const cell = side / count;
  context.fillStyle = theme.panel;
  context.fillRect(0, 0, side, side);
  hatchMask(context, side, cell >= 5 ? cell : 4, theme.dark ? mixColour(theme.cut, theme.mute, 0.25) : theme.cut);
  context.imageSmoothingEnabled = false;
  context.drawImage(
    maskImage(allowed, count, mixColour(theme.panel, theme.accent, theme.dark ? 0.34 : 0.22)),
    0,
    0,
    side,
    side,
  );
  if (cell >= 5) gridMask(context, side, count, theme.panel);
  /** @param {number} x @param {number} y @param {number} width @param {number} height @param {string} colour */
  const frame = (x, y, width, height, colour) => {
    context.strokeStyle = colour;
    context.lineWidth = 1.5;
    context.strokeRect(
      Math.max(0.75, x),
      Math.max(0.75, Math.min(side - 2.25, y)),
      Math.min(width, side - 1.5),
      Math.max(2, Math.min(height, side - 1.5)),
    );
  };
  context.strokeStyle = theme.line;
  context.lineWidth = 1;
  context.strokeRect(0.5, 0.5, side - 1, side - 1);
  if (pos >= 0 && pos < count) frame(0, pos * cell - 0.25, side, cell, theme.accent);
  if (cell >= 4 && key >= 0 && key < count) frame(key * cell, pos * cell, cell - 0.75, cell - 0.75, theme.draw);
}

// Diagonals all over the square; the allowed cells are painted over them.
/** @type {(context: CanvasRenderingContext2D, side: number, every: number, colour: string) => void} */
function hatchMask(context, side, every, colour) {
  context.strokeStyle = colour;
  context.lineWidth = 0.8;
  context.beginPath();
  for (let at = every; at < 2 * side; at += every) {
    context.moveTo(Math.max(0, at - side), Math.min(side, at));
    context.lineTo(Math.min(side, at), Math.max(0, at - side));
  }
  context.stroke();
}

/** @type {(context: CanvasRenderingContext2D, side: number, count: number, colour: string) => void} */
function gridMask(context, side, count, colour) {
  context.strokeStyle = colour;
  context.lineWidth = 0.75;
  context.beginPath();
  for (let line = 1; line < count; line += 1) {
    const at = (line * side) / count;
    context.moveTo(at, 0);
    context.lineTo(at, side);
    context.moveTo(0, at);
    context.lineTo(side, at);
  }
  context.stroke();
}

// One opaque pixel per allowed cell.
/** @type {(allowed: Numbers, count: number, colour: string) => HTMLCanvasElement} */
function maskImage(allowed, count, colour) {
  const image = document.createElement("canvas");
  image.width = image.height = count;
  const context = /** @type {CanvasRenderingContext2D} */ (image.getContext("2d"));
  context.fillStyle = colour;
  for (let query = 0; query < count; query += 1) {
    for (let start = 0; start < count; start += 1) {
      if (!allowed[query * count + start]) continue;
      let end = start;
      while (end < count && allowed[query * count + end]) end += 1;
      context.fillRect(start, query, end - start, 1);
      start = end;
    }
  }
  return image;
}

/** @type {(shown: Shown | null) => Table} */
function maskTable(shown) {
  if (!shown) return { columns: [], rows: [] };
  const labels = shown.header.chips.map((chip) => chip.label);
  const allowed = numbersOf(shown, "mask");
  /** @param {string} label @param {number} query */
  const row = (label, query) => [label, ...labels.map((_, key) => allowed[query * labels.length + key])];
  return { columns: ["", ...labels], rows: labels.map(row) };
}
