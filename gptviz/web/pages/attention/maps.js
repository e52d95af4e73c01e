// The pattern, and beside it how much each query gets of each key, or the rollout up to this layer: two squares on one grid, each with
// its own scale.

import { el, fmtNumber, fmtPercent, numbersOf, setAttr, setText } from "../../kit/dom.js";
import { createHead, spacer } from "../../kit/panel.js";
import { fitCanvas, indigo } from "../../kit/theme.js";

/** @import { Full, Page, Panel } from "./types.d.ts" */
/** @import { Table } from "../../types.d.ts" */
/** @import { Theme } from "../../kit/theme.js" */
/** @typedef {{ query: number, key: number }} Place */

const MAPS = ["values", "rollout"];

/** @type {(host: HTMLElement, api: Page) => Panel} */
export function createMaps(host, api) {
  /** @type {Full | null} */
  let shown = null;
  const readout = el("p", { class: "maps-said mono", "data-testid": "maps-said" });
  const tell = (/** @type {Place | null} */ at) => setText(readout, shown ? cellText(shown, at, api) : "");
  const squares = ["pattern", "moved"].map((name) => createSquare(name, api, tell));
  const buttons = MAPS.map((name) =>
    el("button", {
      type: "button",
      "data-testid": "map-" + name,
      text: api.str("attend.map." + name),
      title: api.str("attend.map_hint." + name),
      onclick: () => api.setView({ map: name }),
    }),
  );
  const switcher = el("span", { class: "switch", role: "group", "aria-label": api.str("attend.map_label") }, buttons);
  const head = createHead(api.str("attend.maps"), spacer(), switcher);
  head.append(
    api.menu({
      title: api.str("attend.maps"),
      reading: () => shown?.header.maps?.reading ?? api.str("empty.hint"),
      python: () => shown?.header.maps?.python ?? "",
      table: () => mapsTable(shown, api),
      picture: () => (shown ? box : null),
    }),
  );
  const box = el(
    "div",
    { class: "maps" },
    squares.map((square) => square.node),
  );
  const hint = el("p", { class: "maps-hint" });
  const empty = el("p", { class: "hint", text: api.str("empty.hint") });
  host.append(head, box, readout, hint, empty);
  return {
    update: (picture) => {
      const { maps, flow } = picture.header;
      shown = maps && flow ? /** @type {Full} */ (picture) : null;
      for (const part of [box, readout, hint]) setAttr(part, "hidden", !shown);
      setAttr(empty, "hidden", Boolean(shown));
      const { map } = api.view();
      buttons.forEach((button, i) => setAttr(button, "aria-pressed", String(MAPS[i] === map)));
      if (!shown || !maps) return;
      const own = picture.header.view.map === "rollout";
      squares[0].show(shown, 1, api.str("attend.map.pattern"));
      squares[1].show(shown, own ? 1 : maps.most, api.str("attend.map." + picture.header.view.map));
      setText(hint, api.str("attend.map_says." + picture.header.view.map, { layer: picture.header.view.layer }));
      tell(null);
    },
  };
}

/** @type {(name: string, api: Page, tell: (at: Place | null) => void) => { node: HTMLElement, show: (picture: Full, most: number, title: string) => void }} */
function createSquare(name, api, tell) {
  const canvas = el("canvas", { role: "img", "data-testid": "map-of-" + name });
  const title = el("figcaption", {});
  const box = el("div", { class: "map-box" }, canvas);
  const node = el("figure", { class: "map" }, title, box);
  /** @type {{ picture: Full | null, most: number }} */
  const memory = { picture: null, most: 1 };
  const draw = () => {
    const side = Math.min(box.clientWidth, box.clientHeight);
    if (memory.picture && side > 0) paintSquare(canvas, side, memory.picture, name, memory.most);
  };
  /** @param {MouseEvent} event */
  const placeAt = (event) => {
    const edge = canvas.getBoundingClientRect();
    const count = memory.picture?.header.flow.labels.length ?? 0;
    const [query, key] = [(event.clientY - edge.top) / edge.height, (event.clientX - edge.left) / edge.width].map(
      (share) => Math.floor(share * count),
    );
    return query >= 0 && key >= 0 && query < count && key <= query ? { query, key } : null;
  };
  api.onResize(box, draw);
  canvas.addEventListener("pointermove", (event) => tell(placeAt(event)));
  canvas.addEventListener("pointerleave", () => tell(null));
  canvas.addEventListener("click", (event) => {
    const at = placeAt(event);
    if (at) api.setView({ pos: at.query, key: at.key });
  });
  return {
    node,
    show: (picture, most, said) => {
      Object.assign(memory, { picture, most });
      setText(title, `${said} · 0–${most === 1 ? "1" : fmtNumber(most, 2)}`);
      setAttr(canvas, "aria-label", picture.header.maps?.reading ?? said);
      draw();
    },
  };
}

/** @type {(canvas: HTMLCanvasElement, side: number, picture: Full, name: string, most: number) => void} */
function paintSquare(canvas, side, picture, name, most) {
  const { theme, header } = picture;
  const count = header.flow.labels.length;
  const values = numbersOf(picture, name);
  const context = fitCanvas(canvas, side, side);
  const cell = side / count;
  const gap = cell > 8 ? 1 : 0;
  for (let query = 0; query < count; query += 1) {
    for (let key = 0; key <= query; key += 1) {
      context.fillStyle = indigo(theme, values[query * count + key] / (most || 1));
      context.fillRect(key * cell, query * cell, cell - gap, cell - gap);
    }
  }
  hatch(context, side, cell, count, theme);
  const { pos, key } = header.view;
  context.strokeStyle = theme.accent;
  context.lineWidth = 1.5;
  context.strokeRect(0.75, (pos ?? 0) * cell, side - 1.5, Math.max(2, cell - gap));
  context.strokeStyle = theme.draw;
  context.lineWidth = 2;
  context.strokeRect(
    Math.max(1, (key ?? 0) * cell),
    (pos ?? 0) * cell,
    Math.max(2, cell - gap),
    Math.max(2, cell - gap),
  );
}

// What is masked: struck out cell by cell, or in stripes where cells are small.
/** @type {(context: CanvasRenderingContext2D, side: number, cell: number, count: number, theme: Theme) => void} */
function hatch(context, side, cell, count, theme) {
  context.strokeStyle = theme.cut;
  context.lineWidth = 0.8;
  context.beginPath();
  const every = Math.max(1, Math.ceil(6 / cell));
  for (let query = 0; query < count; query += every) {
    for (let key = query + every; key < count; key += every) {
      const [x, y, size] = [key * cell, query * cell, cell * every];
      context.moveTo(x + size * 0.25, y + size * 0.75);
      context.lineTo(Math.min(side, x + size * 0.75), y + size * 0.25);
    }
  }
  context.stroke();
}

/** @type {(picture: Full, at: Place | null, api: Page) => string} */
function cellText(picture, at, api) {
  const { flow, view } = picture.header;
  const { query, key } = at ?? { query: view.pos ?? 0, key: view.key ?? 0 };
  const place = query * flow.labels.length + key;
  const moved = numbersOf(picture, "moved")[place];
  const said = view.map === "rollout" ? fmtPercent(moved, 1) : fmtNumber(moved, 3);
  return api.str("attend.map_cell", {
    query: flow.labels[query],
    key: flow.labels[key],
    weight: fmtPercent(numbersOf(picture, "pattern")[place], 1),
    other: said,
    name: api.str("attend.map." + view.map),
  });
}

/** @type {(picture: Full | null, api: Page) => Table} */
function mapsTable(picture, api) {
  const names = ["query", "key", "pattern", picture?.header.view.map ?? "values"];
  const columns = names.map((name) => api.str("attend.column." + name));
  const labels = picture?.header.flow.labels ?? [];
  const [weights, moved] = picture ? ["pattern", "moved"].map((name) => numbersOf(picture, name)) : [[], []];
  const rows = labels.flatMap((query, i) =>
    labels.slice(0, i + 1).map((key, j) => [query, key, weights[i * labels.length + j], moved[i * labels.length + j]]),
  );
  return { columns, rows };
}
