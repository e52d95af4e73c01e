// How large the residual stream is, block by block and position by position, or how large what attention or the MLP adds; beside it, for
// the position looked at, both additions of each block.

import { clamp, el, fmtNumber, numbersOf, setAttr, setStyle, setText } from "../../kit/dom.js";
import { createHead, spacer } from "../../kit/panel.js";
import { paintedPicture } from "../../kit/pen.js";
import { fitCanvas, indigo } from "../../kit/theme.js";
import { createSwitch, goTo, placeOf, rowName, shownOf, stepOf } from "./place.js";

/** @import { Drawn, Page, Panel, Place, Shown, SizesGeometry } from "./types.d.ts" */
/** @import { Table } from "../../types.d.ts" */

const SIDE = 76; // px for the additions at one position
const SHOWN = { resid: "resid", attn: "attn", mlp: "mlp" };

/** @type {(host: HTMLElement, api: Page) => Panel} */
export function createSizes(host, api) {
  /** @type {{ shown: Shown | null, hover: Place | null, geometry: SizesGeometry | null }} */
  const memory = { shown: null, hover: null, geometry: null };
  const kind = createSwitch(api, "sizes", api.str("stream.sizes_label"), {
    resid: api.str("stream.sizes.resid"),
    attn: api.str("stream.sizes.attn"),
    mlp: api.str("stream.sizes.mlp"),
  });
  const menu = api.menu({
    title: api.str("stream.sizes_title"),
    reading: () => memory.shown?.header.sizes.reading ?? api.str("empty.hint"),
    python: () => memory.shown?.header.sizes.python,
    table: () => sizesTable(memory.shown, api),
    picture: () => {
      const { shown } = memory;
      if (!shown) return null;
      const [width, height] = [640 * shown.theme.type, 320 * shown.theme.type];
      return paintedPicture(width, height, shown.theme.panel, (context) =>
        paint(context, shown, api, geometryOf(shown, api, width, height), null),
      );
    },
  });
  const canvas = el("canvas", { "data-testid": "sizes", tabindex: "0", role: "img" });
  const box = el("div", { class: "sizes-box" }, canvas);
  const readout = el("span", { class: "readout mono" });
  const bar = el("i", {});
  const [low, high] = [el("span", {}), el("span", {})];
  const panel = el(
    "div",
    { class: "panel" },
    box,
    el("div", { class: "foot" }, readout, el("span", { class: "legend mono" }, low, bar, high)),
  );
  const hint = el("p", { class: "empty-hint" });
  host.append(createHead(api.str("stream.sizes_title"), spacer(), kind.node, menu), panel, hint);
  const draw = () => {
    const { shown } = memory;
    const { clientWidth, clientHeight } = box;
    const context = fitCanvas(canvas, clientWidth, clientHeight);
    memory.geometry = shown ? geometryOf(shown, api, clientWidth, clientHeight) : null;
    if (!shown || !memory.geometry) return;
    paint(context, shown, api, memory.geometry, memory.hover);
    setText(readout, sizesReadout(shown, memory.hover ?? rowOf(placeOf(shown, api), api), api));
  };
  api.onResize(box, draw);
  canvas.addEventListener("pointermove", (event) => {
    memory.hover = memory.geometry && placeAt(event, canvas, memory.geometry);
    draw();
  });
  canvas.addEventListener("pointerleave", () => {
    memory.hover = null;
    draw();
  });
  canvas.addEventListener("click", (event) => {
    const { shown, geometry } = memory;
    const place = geometry && placeAt(event, canvas, geometry);
    if (shown && place)
      goTo(shown, api, { pos: place.pos, stage: place.stage + (api.view().sizes === "resid" ? 0 : 1) });
  });
  canvas.addEventListener("keydown", (event) => {
    const step = stepOf(event);
    const { shown } = memory;
    if (!step || !shown) return;
    event.preventDefault();
    event.stopPropagation();
    const { stage, pos } = placeOf(shown, api);
    goTo(shown, api, {
      stage: clamp(stage + step[0], 0, shown.header.sizes.n_layer),
      pos: clamp(pos + step[1], 0, shown.header.ids.length - 1),
    });
  });
  /** @param {Drawn} picture */
  function update(picture) {
    memory.shown = shownOf(picture);
    const { shown } = memory;
    setText(hint, shown ? "" : api.str("empty.hint"));
    setAttr(panel, "data-empty", !shown);
    setAttr(canvas, "aria-label", shown?.header.sizes.reading ?? api.str("empty.hint"));
    kind.show();
    if (shown) {
      const colours = Array.from({ length: 9 }, (_, i) => indigo(picture.theme, i / 8));
      setStyle(bar, "background", `linear-gradient(90deg, ${colours.join(", ")})`);
      setText(low, "0");
      setText(high, fmtNumber(mostOf(numbersOf(shown, SHOWN[kindOf(api)])), 1));
    } else setText(readout, "");
    draw();
  }
  return { update };
}

/** @type {(api: Page) => keyof typeof SHOWN} */
function kindOf(api) {
  const { sizes } = api.view();
  return sizes === "attn" || sizes === "mlp" ? sizes : "resid";
}

/** @type {(values: Iterable<number>) => number} */
function mostOf(values) {
  let most = 1e-9;
  for (const value of values) if (value > most) most = value;
  return most;
}

// The row of what is painted: what blocks add has one fewer than the stream.
/** @type {(place: Place, api: Page) => Place} */
function rowOf({ stage, pos }, api) {
  return { pos, stage: kindOf(api) === "resid" ? stage : Math.max(0, stage - 1) };
}

/** @type {(picture: Shown, api: Page, width: number, height: number) => SizesGeometry} */
function geometryOf({ header, theme }, api, width, height) {
  const { n_layer } = header.sizes;
  const rows = kindOf(api) === "resid" ? n_layer + 1 : n_layer;
  const [left, top, side] = [Math.round(44 * theme.type), Math.round(15 * theme.type), Math.round(SIDE * theme.type)];
  const columns = header.ids.length;
  const wide = Math.min((width - left - side - 10) / columns, 40 * theme.type);
  return { left, top, wide, high: (height - top - 2) / rows, rows, columns, side };
}

/** @type {(context: CanvasRenderingContext2D, picture: Shown, api: Page, geometry: SizesGeometry, hover: Place | null) => void} */
function paint(context, picture, api, geometry, hover) {
  const { theme } = picture;
  const { left, top, wide, high, rows, columns } = geometry;
  const values = numbersOf(picture, SHOWN[kindOf(api)]);
  const most = mostOf(values);
  const gap = wide > 8 && high > 8 ? 1 : 0;
  for (let row = 0; row < rows; row += 1)
    for (let pos = 0; pos < columns; pos += 1) {
      context.fillStyle = indigo(theme, values[row * columns + pos] / most);
      context.fillRect(left + pos * wide, top + row * high, Math.max(1, wide - gap), Math.max(1, high - gap));
    }
  const here = rowOf(placeOf(picture, api), api);
  /** @type {(place: Place, colour: string) => void} */
  const frame = ({ stage, pos }, colour) => {
    context.strokeStyle = colour;
    context.lineWidth = 2;
    context.strokeRect(left + pos * wide, top + stage * high, Math.max(3, wide - gap), Math.max(3, high - gap));
  };
  if (hover) frame(hover, theme.mute);
  frame(here, theme.accent);
  nameRows(context, picture, api, geometry, here);
  paintAdded(context, picture, api, geometry, here);
}

/** @type {(context: CanvasRenderingContext2D, picture: Shown, api: Page, geometry: SizesGeometry, here: Place) => void} */
function nameRows(context, { theme }, api, { left, top, high, rows }, here) {
  const size = 11 * theme.type;
  const every = Math.max(1, Math.ceil((size + 2) / high));
  context.textBaseline = "middle";
  context.textAlign = "right";
  for (let row = 0; row < rows; row += 1) {
    if (row !== here.stage && (row % every || Math.abs(row - here.stage) < every)) continue;
    context.font = `${row === here.stage ? 600 : 400} ${size}px ${theme.font}`;
    context.fillStyle = row === here.stage ? theme.accent : theme.mute;
    const name = kindOf(api) === "resid" ? rowName(api, row) : api.str("stream.row", { layer: row });
    context.fillText(name, left - 6, top + (row + 0.5) * high);
  }
}

// At the position looked at: what attention and the MLP of each block add, beside its row.
/** @type {(context: CanvasRenderingContext2D, picture: Shown, api: Page, geometry: SizesGeometry, here: Place) => void} */
function paintAdded(context, picture, api, { left, top, wide, high, columns, side }, here) {
  const { theme } = picture;
  const [attn, mlp] = [numbersOf(picture, "attn"), numbersOf(picture, "mlp")];
  const { n_layer } = picture.header.sizes;
  const at = (/** @type {ArrayLike<number>} */ values, /** @type {number} */ layer) =>
    values[layer * columns + here.pos];
  const layers = Array.from({ length: n_layer }, (_, layer) => layer);
  const most = mostOf(layers.flatMap((layer) => [at(attn, layer), at(mlp, layer)]));
  const x = left + columns * wide + 8;
  const shift = kindOf(api) === "resid" ? 1 : 0; // after each block the row below the one it began with
  const thick = Math.max(1, Math.min(6 * theme.type, high * 0.36));
  for (const layer of layers) {
    const y = top + (layer + shift + 0.5) * high;
    context.fillStyle = theme.accent;
    context.fillRect(x, y - thick, Math.max(1, (at(attn, layer) / most) * side), thick - 0.5);
    context.fillStyle = theme.warm1;
    context.fillRect(x, y + 0.5, Math.max(1, (at(mlp, layer) / most) * side), thick - 0.5);
  }
  context.font = `${10 * theme.type}px ${theme.font}`;
  context.textAlign = "left";
  context.textBaseline = "middle";
  context.fillStyle = theme.accent;
  context.fillText(api.str("stream.sizes.attn"), x, top * 0.45);
  const across = context.measureText(api.str("stream.sizes.attn") + "  ").width;
  context.fillStyle = theme.ink;
  context.fillText(api.str("stream.sizes.mlp"), x + across, top * 0.45);
}

/** @type {(event: MouseEvent, canvas: HTMLCanvasElement, geometry: SizesGeometry) => Place | null} */
function placeAt(event, canvas, { left, top, wide, high, rows, columns }) {
  const box = canvas.getBoundingClientRect();
  const zoom = box.width / canvas.clientWidth || 1;
  const pos = Math.floor(((event.clientX - box.left) / zoom - left) / wide);
  const stage = Math.floor(((event.clientY - box.top) / zoom - top) / high);
  return pos >= 0 && stage >= 0 && pos < columns && stage < rows ? { stage, pos } : null;
}

// "after 3, at ·the  ‖x‖ 43.4"
/** @type {(picture: Shown, place: Place, api: Page) => string} */
function sizesReadout(picture, { stage, pos }, api) {
  const { labels } = picture.header.sizes;
  const kind = kindOf(api);
  const value = numbersOf(picture, SHOWN[kind])[stage * labels.length + pos];
  const name = kind === "resid" ? rowName(api, stage) : api.str("stream.block", { layer: stage });
  return `${api.str("stream.cell_title", { row: name, label: labels[pos] })}  ‖${kind === "resid" ? "x" : "Δx"}‖ ${fmtNumber(value, 1)}`;
}

/** @type {(picture: Shown | null, api: Page) => Table} */
function sizesTable(picture, api) {
  const columns = ["layer", "position", "token", "resid", "attn", "mlp"].map((name) =>
    api.str("stream.column." + name),
  );
  if (!picture) return { columns, rows: [] };
  const { labels, n_layer } = picture.header.sizes;
  const [resid, attn, mlp] = ["resid", "attn", "mlp"].map((name) => numbersOf(picture, name));
  const rows = Array.from({ length: (n_layer + 1) * labels.length }, (_, i) => {
    const [layer, pos] = [Math.floor(i / labels.length), i % labels.length];
    const ends = layer === n_layer;
    return [layer, pos, labels[pos], resid[i], ends ? null : attn[i], ends ? null : mlp[i]];
  });
  return { columns, rows };
}
