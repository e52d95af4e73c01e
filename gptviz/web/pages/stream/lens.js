// The logit lens as a grid: a row for each stage of the stream, a column for each position; in each cell what the model would say first,
// shaded by how sure it is. Beside it the chosen cell: its likeliest tokens and the arithmetic of the first.

import {
  el,
  fmtNumber,
  fmtPercent,
  numbersOf,
  setAttr,
  setClass,
  setStyle,
  setText,
  slots,
  within,
} from "../../kit/dom.js";
import { createHead, spacer } from "../../kit/panel.js";
import { indigo } from "../../kit/theme.js";
import { createCell } from "./cell.js";
import { createSwitch, goTo, placeOf, rowName, shownOf, smallInkOn, stepOf } from "./place.js";

/** @import { Drawn, Page, Panel, Shown } from "./types.d.ts" */
/** @import { Table } from "../../types.d.ts" */

const RANK_AT_PALEST = 5; // powers of ten: a rank of 100,000 has no shade

/** @type {(host: HTMLElement, api: Page) => Panel} */
export function createLens(host, api) {
  /** @type {Shown | null} */
  let shown = null;
  const small = el("small", {});
  const shift = createShift(api, () => shown);
  const kind = createSwitch(api, "grid", api.str("stream.grid_label"), {
    top: api.str("stream.grid.top"),
    rank: api.str("stream.grid.rank"),
  });
  const menu = api.menu({
    title: api.str("stream.lens"),
    reading: () => shown?.header.lens.reading ?? api.str("empty.hint"),
    python: () => shown?.header.lens.python,
    table: () => lensTable(shown, api),
    picture: () => (shown ? grid : null),
  });
  const names = el("div", { class: "lens-row lens-names", role: "row" });
  const body = el("div", { class: "lens-body", role: "rowgroup" });
  const grid = el(
    "div",
    { class: "lens-grid", role: "grid", "data-testid": "lens", "aria-label": api.str("stream.lens") },
    el("div", { role: "rowgroup" }, names),
    body,
  );
  const scroll = el("div", { class: "lens-scroll" }, grid);
  const hint = el("p", { class: "empty-hint" });
  const cell = createCell(api);
  host.append(
    createHead(api.str("stream.lens"), small, spacer(), shift.node, kind.node, menu),
    el("div", { class: "lens-box" }, el("div", { class: "panel lens-panel" }, scroll, hint), cell.node),
  );
  grid.addEventListener("click", (event) => {
    const node = within(event, "[data-pos]");
    if (node && shown) goTo(shown, api, { stage: stageAt(node, shown, api), pos: Number(node.dataset.pos) });
  });
  grid.addEventListener("keydown", (event) => {
    const step = stepOf(event);
    if (!step || !shown) return;
    event.preventDefault();
    event.stopPropagation();
    const { stage, pos } = placeOf(shown, api);
    const [rows, columns] = [shown.header.sizes.n_layer, shown.header.ids.length];
    const to = {
      stage: Math.min(rows, Math.max(0, stage + step[0])),
      pos: Math.min(columns - 1, Math.max(0, pos + step[1])),
    };
    goTo(shown, api, to);
    requestAnimationFrame(() => /** @type {HTMLElement | null} */ (grid.querySelector(".lens-cell.sel"))?.focus());
  });
  /** @param {Drawn} picture */
  function update(picture) {
    shown = shownOf(picture);
    setText(hint, shown ? "" : api.str("empty.hint"));
    setAttr(grid, "hidden", !shown);
    const ranks = picture.header.view.grid === "rank" && shown;
    setText(
      small,
      ranks ? api.str("stream.lens_ranks", { label: ranks.header.lens.ranked }) : api.str("stream.lens_small"),
    );
    kind.show();
    shift.show();
    cell.update(shown);
    if (!shown) return;
    drawNames(names, shown, api);
    drawRows(body, shown, api);
    reveal(scroll, body);
  }
  return { update };
}

/** @type {(node: HTMLElement, picture: Shown, api: Page) => number} */
function stageAt(node, picture, api) {
  return node.dataset.stage === undefined ? placeOf(picture, api).stage : Number(node.dataset.stage);
}

/** @type {(host: HTMLElement, picture: Shown, api: Page) => void} */
function drawNames(host, picture, api) {
  const { header } = picture;
  const { first, columns } = header.lens;
  const here = placeOf(picture, api).pos;
  const made = slots(host, columns + 1, (i) =>
    el("div", { class: i ? "lens-name mono" : "lens-corner", role: i ? "columnheader" : "cell" }),
  );
  for (let at = 0; at < columns; at += 1) {
    const node = /** @type {HTMLElement} */ (made[at + 1]);
    setText(node, header.sizes.labels[first + at]);
    setAttr(node, "data-pos", first + at);
    setAttr(
      node,
      "title",
      header.lens.actual[at] === null ? null : api.str("stream.actual", { label: header.lens.actual[at] }),
    );
    setClass(node, "sel", first + at === here);
  }
}

/** @type {(host: HTMLElement, picture: Shown, api: Page) => void} */
function drawRows(host, picture, api) {
  const { header, theme } = picture;
  const { first, columns, names, actual } = header.lens;
  const here = placeOf(picture, api);
  const ranks = header.view.grid === "rank" ? numbersOf(picture, "lens_ranks") : null;
  const [ids, probs] = [numbersOf(picture, "lens_ids"), numbersOf(picture, "lens_probs")];
  const rows = slots(host, header.sizes.n_layer + 1, () => el("div", { class: "lens-row", role: "row" }));
  for (let stage = 0; stage < rows.length; stage += 1) {
    const row = rows[stage];
    const made = slots(row, columns + 1, (i) =>
      el("div", i ? { class: "lens-cell mono", role: "gridcell" } : { class: "lens-stage", role: "rowheader" }),
    );
    setText(made[0], rowName(api, stage));
    setClass(made[0], "sel", stage === here.stage);
    for (let at = 0; at < columns; at += 1) {
      const node = /** @type {HTMLElement} */ (made[at + 1]);
      const i = stage * columns + at;
      const known = !Number.isNaN(ids[i]);
      const value = ranks ? shadeOfRank(ranks[i]) : probs[i];
      const label = known ? (names[ids[i]] ?? "") : "";
      setText(node, ranks ? (Number.isNaN(ranks[i]) ? "" : fmtNumber(ranks[i])) : label);
      setStyle(node, "background", known ? indigo(theme, value) : "transparent");
      setStyle(node, "color", known ? smallInkOn(indigo(theme, value)) : "inherit");
      setAttr(node, "data-pos", first + at);
      setAttr(node, "data-stage", stage);
      const chosen = stage === here.stage && first + at === here.pos;
      setAttr(node, "tabindex", chosen ? "0" : "-1");
      setAttr(node, "aria-selected", String(chosen));
      setClass(node, "sel", chosen);
      setClass(node, "right", known && !ranks && label === actual[at]);
      setAttr(
        node,
        "title",
        known ? `${rowName(api, stage)} · ${header.sizes.labels[first + at]} → ${label} ${fmtPercent(probs[i])}` : null,
      );
    }
  }
}

/** @type {(rank: number) => number} */
function shadeOfRank(rank) {
  return 1 - Math.min(1, Math.log10(rank) / RANK_AT_PALEST);
}

// Where there are more rows or columns than room, the chosen cell is to be seen beside the names, which stay.
/** @type {(scroll: HTMLElement, body: HTMLElement) => void} */
function reveal(scroll, body) {
  const chosen = body.querySelector(".lens-cell.sel");
  const stage = body.querySelector(".lens-stage");
  if (!(chosen instanceof HTMLElement) || !(stage instanceof HTMLElement)) return;
  const [box, cell] = [scroll.getBoundingClientRect(), chosen.getBoundingClientRect()];
  const [high, wide] = [cell.height + 2, stage.offsetWidth];
  const up = Math.min(0, cell.top - box.top - high);
  const left = Math.min(0, cell.left - box.left - wide);
  scroll.scrollTop += up || Math.max(0, cell.bottom - box.bottom + 2);
  scroll.scrollLeft += left || Math.max(0, cell.right - box.right + 2);
}

// Earlier and later positions, where the text has more than there are columns.
/** @type {(api: Page, shown: () => Shown | null) => { node: HTMLElement, show: () => void }} */
function createShift(api, shown) {
  /** @param {number} by */
  const move = (by) => {
    const picture = shown();
    if (!picture) return;
    const { first, columns } = picture.header.lens;
    const last = picture.header.ids.length - 1;
    const to = Math.min(last + 1 - columns, Math.max(0, first + by * columns));
    const { pos } = placeOf(picture, api);
    const at = Math.min(to + columns - 1, Math.max(to, pos));
    api.setView({ first: to, pos: at >= last ? null : at });
  };
  /** @type {(name: string, sign: string, by: number) => HTMLElement} */
  const button = (name, sign, by) =>
    el("button", {
      type: "button",
      class: "btn",
      "data-testid": name,
      title: api.str("stream." + name),
      "aria-label": api.str("stream." + name),
      text: sign,
      onclick: () => move(by),
    });
  const node = el("span", { class: "lens-shift" }, button("earlier", "◂", -1), button("later", "▸", 1));
  const show = () => {
    const header = shown()?.header;
    setAttr(node, "hidden", !header || header.ids.length <= header.lens.columns);
  };
  return { node, show };
}

/** @type {(picture: Shown | null, api: Page) => Table} */
function lensTable(picture, api) {
  const columns = ["stage", "position", "token", "first", "probability"].map((name) =>
    api.str("stream.column." + name),
  );
  if (!picture) return { columns, rows: [] };
  const { lens, sizes } = picture.header;
  const [ids, probs] = [numbersOf(picture, "lens_ids"), numbersOf(picture, "lens_probs")];
  const rows = Array.from({ length: ids.length }, (_, i) => {
    const pos = lens.first + (i % lens.columns);
    return [
      rowName(api, Math.floor(i / lens.columns)),
      pos,
      sizes.labels[pos],
      lens.names[ids[i]] ?? null,
      Number.isNaN(probs[i]) ? null : probs[i],
    ];
  });
  return { columns, rows };
}
