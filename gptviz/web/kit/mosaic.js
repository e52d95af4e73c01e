// The mosaic: the pattern of every head of every layer as a small square tile, on one canvas. A head is chosen by clicking its tile.

import { readable } from "./axis.js";
import { clamp, el, numbersOf, setAttr, setStyle, setText } from "./dom.js";
import { paintedPicture } from "./pen.js";
import { fitCanvas, indigo } from "./theme.js";

/** @import { Api, Header, Mosaic, Picture, Spec, Table } from "../types.d.ts" */
/** @import { Theme } from "./theme.js" */
/** @typedef {{ layer: number, head: number }} Tile */
/**
 * @typedef {object} MosaicGeometry `rows` layers stand under one another; the next ones to their right, `block` px further
 * @property {number} left
 * @property {number} top
 * @property {number} pitch
 * @property {number} tile
 * @property {number} n_layer
 * @property {number} n_head
 * @property {number} rows
 * @property {number} folds
 * @property {number} block
 * @property {number} type
 */
/** @typedef {Header & { mosaic?: Mosaic | null, view: Tile }} MosaicHeader */
/** @typedef {Picture<MosaicHeader>} Shown */
/** @typedef {Pick<Api<MosaicHeader>, "view" | "setView" | "str" | "menu" | "onResize">} Page */
/**
 * @typedef {object} MosaicMemory
 * @property {Shown | null} picture
 * @property {Tile | null} hover
 * @property {MosaicGeometry | null} geometry
 * @property {HTMLCanvasElement} tiles
 */

const SMALL = 20; // px of a tile from which on its pattern can be made out
const MOST_FOLDS = 4;

// update(picture) draws; light() does nothing here: a tile is too small to show one position.
/** @type {(host: HTMLElement, api: Page) => { update: (picture: Shown) => void, light: () => void }} */
export function createMosaic(host, api) {
  const parts = mosaicParts(host);
  /** @type {MosaicMemory} */
  const memory = { picture: null, hover: null, geometry: null, tiles: document.createElement("canvas") };
  const menu = api.menu(mosaicMenu(memory, api));
  parts.head.append(menu);
  const draw = () => {
    const mosaic = memory.picture?.header.mosaic;
    const { clientWidth, clientHeight } = parts.box;
    if (!mosaic) {
      memory.geometry = null;
      setText(parts.status, "");
      fitCanvas(parts.canvas, clientWidth, clientHeight);
      return;
    }
    memory.geometry = mosaicGeometry(clientWidth, clientHeight, mosaic, memory.picture?.theme.type ?? 1);
    paintMosaic(fitCanvas(parts.canvas, clientWidth, clientHeight), memory, memory.geometry, api.view());
    tellHead(parts.status, memory, api);
  };
  api.onResize(parts.box, draw);
  listenToTiles(parts.canvas, memory, api, draw);

  /** @param {Shown} picture */
  function update(picture) {
    memory.picture = picture;
    const { mosaic, ids } = picture.header;
    setText(parts.title, api.str("panel.mosaic.title"));
    setText(parts.small, mosaic ? api.str("panel.mosaic.small", { layers: mosaic.n_layer, heads: mosaic.n_head }) : "");
    setText(parts.empty, ids.length ? "" : api.str("empty.hint"));
    setAttr(parts.panel, "data-empty", !ids.length);
    const colours = Array.from({ length: 17 }, (_, i) => indigo(picture.theme, i / 16));
    setStyle(parts.bar, "background", `linear-gradient(90deg, ${colours.join(", ")})`);
    setAttr(parts.legend, "title", api.str("panel.attention.legend_pattern"));
    if (mosaic && ids.length) colourTiles(memory.tiles, picture, mosaic);
    draw();
    setAttr(parts.canvas, "aria-label", (ids.length && mosaic?.reading) || api.str("empty.hint"));
    setAttr(parts.canvas, "data-ids", ids.join(","));
  }
  return { update, light: () => {} };
}

/** @type {(canvas: HTMLCanvasElement, memory: MosaicMemory, api: Page, draw: () => void) => void} */
function listenToTiles(canvas, memory, api, draw) {
  /** @param {number} layer @param {number} head */
  const choose = (layer, head) => {
    api.setView({ layer, head });
    draw();
  };
  /** @param {Tile | null} tile */
  const point = (tile) => {
    if (tile?.layer === memory.hover?.layer && tile?.head === memory.hover?.head) return;
    memory.hover = tile;
    setStyle(canvas, "cursor", tile ? "pointer" : "default");
    draw();
  };
  canvas.addEventListener("pointermove", (event) => point(tileOf(event, memory.geometry)));
  canvas.addEventListener("pointerleave", () => point(null));
  canvas.addEventListener("click", (event) => {
    const tile = tileOf(event, memory.geometry);
    if (tile) choose(tile.layer, tile.head);
  });
  canvas.addEventListener("keydown", (event) => {
    const move = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key];
    if (!move || !memory.geometry || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    event.stopPropagation();
    const { layer, head } = api.view();
    choose(
      clamp(layer + move[0], 0, memory.geometry.n_layer - 1),
      clamp(head + move[1], 0, memory.geometry.n_head - 1),
    );
  });
}

/** @param {HTMLElement} host */
function mosaicParts(host) {
  const [title, small] = [el("h2", {}), el("small", {})];
  const head = el("div", { class: "panel-head" }, title, small);
  const canvas = el("canvas", { "data-testid": "mosaic", tabindex: "0", role: "img" });
  const empty = el("p", { class: "empty-hint" });
  const box = el("div", { class: "mosaic-box" }, canvas, empty);
  const status = el("span", { class: "readout mono" });
  const bar = el("i", {});
  const legend = el("span", { class: "legend mono" }, el("span", { text: "0" }), bar, el("span", { text: "1" }));
  const panel = el("div", { class: "panel mosaic" }, head, box, el("div", { class: "foot" }, status, legend));
  host.append(panel);
  return { panel, head, title, small, canvas, box, empty, status, bar, legend };
}

/** @type {(type: number) => { left: number, top: number }} */
function mosaicMargins(type) {
  return { left: Math.round(26 * type), top: Math.round(20 * type) };
}

// Square tiles, as large as fit; what is left over across is shared by both sides. Where they would be too small to make out, as of
// thirty layers under one another, the layers stand in several columns.
/** @type {(width: number, height: number, mosaic: Mosaic, type: number) => MosaicGeometry} */
function mosaicGeometry(width, height, { n_layer, n_head }, type) {
  const margins = mosaicMargins(type);
  /** @param {number} count */
  const pitchIn = (count) =>
    Math.min(
      (width - margins.left * count - 1) / (n_head * count),
      (height - margins.top - 1) / Math.ceil(n_layer / count),
    );
  let folds = 1;
  for (let more = 2; more <= Math.min(MOST_FOLDS, n_layer) && pitchIn(folds) < SMALL * type; more += 1) {
    if (pitchIn(more) > pitchIn(folds)) folds = more;
  }
  const pitch = Math.max(6, pitchIn(folds));
  const ratio = globalThis.devicePixelRatio || 1;
  const snapped = Math.floor(pitch * ratio) / ratio;
  const gap = Math.min(8, Math.max(2, Math.round(snapped * 0.09)));
  const block = margins.left + snapped * n_head;
  const left = margins.left + Math.floor(Math.max(0, width - block * folds + gap - 2) / 2);
  const rows = Math.ceil(n_layer / folds);
  return { left, top: margins.top, pitch: snapped, tile: snapped - gap, n_layer, n_head, rows, folds, block, type };
}

// Where a tile stands.
/** @type {(geometry: MosaicGeometry, layer: number, head: number) => [x: number, y: number]} */
function spotOf({ left, top, pitch, rows, block }, layer, head) {
  return [left + Math.floor(layer / rows) * block + head * pitch, top + (layer % rows) * pitch];
}

// Colours all tiles at one pixel per value, masked cells left clear; drawn enlarged afterwards.
/** @type {(tiles: HTMLCanvasElement, picture: Shown, mosaic: Mosaic) => void} */
function colourTiles(tiles, picture, { n_layer, n_head, tile }) {
  const { theme } = picture;
  const values = numbersOf(picture, "mosaic");
  if (tiles.width !== n_head * tile) tiles.width = n_head * tile;
  if (tiles.height !== n_layer * tile) tiles.height = n_layer * tile;
  const context = /** @type {CanvasRenderingContext2D} */ (tiles.getContext("2d"));
  const image = context.createImageData(tiles.width, tiles.height);
  const words = new Uint32Array(image.data.buffer);
  let from = 0;
  for (let layer = 0; layer < n_layer; layer += 1) {
    for (let head = 0; head < n_head; head += 1) {
      for (let query = 0; query < tile; query += 1, from += tile) {
        const to = (layer * tile + query) * tiles.width + head * tile;
        for (let key = 0; key <= query; key += 1) words[to + key] = theme.positive.words[values[from + key]];
      }
    }
  }
  context.putImageData(image, 0, 0);
}

/** @type {(context: CanvasRenderingContext2D, memory: MosaicMemory, geometry: MosaicGeometry, view: Tile) => void} */
function paintMosaic(context, { picture, tiles, hover }, geometry, view) {
  const mosaic = picture?.header.mosaic;
  if (!picture || !mosaic) return;
  const { tile, n_layer, n_head } = geometry;
  const { theme, header } = picture;
  context.imageSmoothingEnabled = false;
  const cells = mosaic.tile;
  for (let layer = 0; layer < n_layer; layer += 1) {
    for (let head = 0; head < n_head; head += 1) {
      const [x, y] = spotOf(geometry, layer, head);
      if (header.ids.length) context.drawImage(tiles, head * cells, layer * cells, cells, cells, x, y, tile, tile);
      else context.globalAlpha = 0.5;
      context.strokeStyle = theme.line;
      context.lineWidth = 1;
      context.strokeRect(x - 0.5, y - 0.5, tile + 1, tile + 1);
    }
  }
  context.globalAlpha = 1;
  if (!header.ids.length) return;
  /** @param {number} layer @param {number} head @param {string} colour @param {number} thickness */
  const frame = (layer, head, colour, thickness) => {
    context.strokeStyle = colour;
    context.lineWidth = thickness;
    const [x, y] = spotOf(geometry, layer, head);
    context.strokeRect(x - 1, y - 1, tile + 2, tile + 2);
  };
  if (hover) frame(hover.layer, hover.head, theme.mute, 1.5);
  if (view.layer < n_layer && view.head < n_head)
    frame(view.layer, view.head, theme.accent, Math.min(2.5, Math.max(1.75, tile / 16)));
  nameTiles(context, geometry, theme, view);
}

/** @type {(context: CanvasRenderingContext2D, geometry: MosaicGeometry, theme: Theme, view: Tile) => void} */
function nameTiles(context, geometry, theme, view) {
  const { pitch, tile, n_layer, n_head, rows, folds, type } = geometry;
  const size = 11 * type;
  /** @param {string} text @param {number} x @param {number} y @param {boolean} chosen */
  const write = (text, x, y, chosen) => {
    context.font = `${chosen ? 600 : 400} ${size}px ${theme.font}`;
    context.fillStyle = chosen ? theme.accent : theme.mute;
    context.fillText(text, x, y);
  };
  // the chosen one and the first, unless that stands too near to it
  /** @param {number} chosen @param {number} every */
  const wanted = (chosen, every) => (chosen < 0 || chosen >= every ? [0, chosen] : [chosen]);
  context.textBaseline = "middle";
  for (let fold = 0; fold < folds; fold += 1) {
    const first = fold * rows;
    const count = Math.min(rows, n_layer - first);
    if (count <= 0) break;
    context.textAlign = "right";
    const tall = Math.ceil((size + 1) / pitch);
    for (const row of readable(count, tall, wanted(view.layer - first, tall))) {
      const [x, y] = spotOf(geometry, first + row, 0);
      write("L" + (first + row), x - 7, y + tile / 2, first + row === view.layer);
    }
    context.textAlign = "center";
    const wide = Math.ceil((size * 2.1) / pitch);
    for (const head of readable(n_head, wide, wanted(view.head, wide))) {
      const [x, y] = spotOf(geometry, first, head);
      write("H" + head, x + tile / 2, y - size * 0.85, head === view.head);
    }
  }
}

/** @type {(event: MouseEvent, geometry: MosaicGeometry | null) => Tile | null} */
function tileOf(event, geometry) {
  const canvas = event.currentTarget;
  if (!geometry || !(canvas instanceof HTMLCanvasElement)) return null;
  const box = canvas.getBoundingClientRect();
  const zoom = box.width / canvas.clientWidth || 1;
  const { left, top, pitch, rows, folds, block, n_layer, n_head } = geometry;
  const across = (event.clientX - box.left) / zoom - left;
  const fold = Math.floor(across / block);
  const head = Math.floor((across - fold * block) / pitch);
  const row = Math.floor(((event.clientY - box.top) / zoom - top) / pitch);
  const layer = fold * rows + row;
  const there = fold >= 0 && fold < folds && head < n_head && row >= 0 && row < rows && layer < n_layer;
  return there ? { layer, head } : null;
}

/** @type {(status: HTMLElement, memory: MosaicMemory, api: Page) => void} */
function tellHead(status, { hover, picture }, api) {
  const { layer, head } = hover ?? api.view();
  setText(status, picture?.header.ids.length ? api.str("panel.mosaic.head", { layer, head }) : "");
}

/** @type {(memory: MosaicMemory, api: Page) => Spec} */
function mosaicMenu(memory, api) {
  const shown = () => (memory.picture?.header.ids.length ? memory.picture : null);
  return {
    title: () => api.str("panel.mosaic.title"),
    reading: () => shown()?.header.mosaic?.reading ?? "",
    python: () => shown()?.header.mosaic?.python ?? "",
    table: () => mosaicTable(shown(), api),
    picture: () => {
      const picture = shown();
      const mosaic = picture?.header.mosaic;
      if (!picture || !mosaic) return null;
      const { type, panel } = picture.theme;
      const [width, height] = [mosaic.n_head * 64 + 40 * type, mosaic.n_layer * 64 + 30 * type];
      const geometry = mosaicGeometry(width, height, mosaic, type);
      const paint = (/** @type {CanvasRenderingContext2D} */ context) =>
        paintMosaic(context, { ...memory, hover: null }, geometry, api.view());
      return paintedPicture(width, height, panel, paint);
    },
  };
}

// One row per head and query: where that query looks most (of the values drawn, in steps of 1/255).
/** @type {(picture: Shown | null, api: Page) => Table} */
function mosaicTable(picture, api) {
  const columns = ["layer", "head", "query", "key", "max"].map((name) => api.str(`panel.mosaic.column.${name}`));
  if (!picture?.header.mosaic) return { columns, rows: [] };
  const { n_layer, n_head, tile, block } = picture.header.mosaic;
  const values = numbersOf(picture, "mosaic");
  const rows = [];
  for (let line = 0; line < n_layer * n_head * tile; line += 1) {
    const row = values.subarray(line * tile, (line + 1) * tile);
    const key = row.reduce((best, value, at) => (value > row[best] ? at : best), 0);
    const tileNumber = Math.floor(line / tile);
    rows.push([
      Math.floor(tileNumber / n_head),
      tileNumber % n_head,
      (line % tile) * block,
      key * block,
      Math.round((row[key] / 255) * 1000) / 1000,
    ]);
  }
  return { columns, rows };
}
