// All heads as a grid of buttons, layers down, heads across, coloured by one score; letters are labels.

import { clamp, el, fmtNumber, partsOf, setAttr, setClass, setStyle, setText, slots, within } from "../../kit/dom.js";
import { createHead, spacer } from "../../kit/panel.js";
import { indigo, inkOn } from "../../kit/theme.js";
import { chosenOf, labelsOf, scoresOf } from "./scores.js";

/** @import { Page, Panel, Shown } from "./types.d.ts" */
/** @import { HeadsHeader } from "./message.d.ts" */
/** @import { Table } from "../../types.d.ts" */

/** @type {(host: HTMLElement, api: Page) => Panel} */
export function createGrid(host, api) {
  /** @type {{ picture: Shown | null }} */
  const state = { picture: null };
  const small = el("small", {});
  const picks = el("div", { class: "score-picks", role: "group", "aria-label": api.str("heads.score") });
  const progress = el("progress", { class: "head-progress", "data-testid": "progress" });
  const waiting = el("p", { class: "hint", role: "status" });
  const cells = el("div", {
    class: "head-cells",
    role: "group",
    "data-testid": "cells",
    "aria-label": api.str("heads.grid"),
  });
  const definition = el("p", { class: "head-definition", "data-testid": "definition" });
  const more = api.menu({
    title: () => api.str("heads.grid"),
    reading: () => state.picture?.header.scores_reading ?? "",
    python: () => state.picture?.header.scores_python ?? "",
    table: () => gridTable(state.picture?.header, api),
    picture: () => (state.picture?.header.heads.length ? cells : null),
  });
  const scroll = el("div", { class: "head-scroll" }, cells);
  host.append(createHead(api.str("heads.grid"), small, spacer(), more), picks, waiting, progress, scroll, definition);
  listenToCells(cells, api, state);

  /** @param {Shown} picture */
  function update(picture) {
    state.picture = picture;
    const { header } = picture;
    const measured = header.heads.length > 0;
    setText(small, api.str("heads.grid_small", { layers: header.n_layer, heads: header.n_head }));
    showPicks(picks, header, api);
    for (const node of [waiting, progress]) setAttr(node, "hidden", measured);
    setText(waiting, measured ? "" : api.str("heads.measuring", { done: header.done, wanted: header.wanted }));
    setAttr(progress, "max", Math.max(1, header.wanted));
    setAttr(progress, "value", header.done);
    setAttr(progress, "aria-label", api.str("heads.grid"));
    drawCells(cells, picture, api);
    const { score } = api.view();
    const threshold = header.thresholds[header.names.indexOf(score)];
    setText(
      definition,
      `${api.str("heads.definition." + score)} ${api.str("heads.label_from", { threshold: fmtNumber(threshold, 1) })}`,
    );
  }
  return { update };
}

/** @type {(host: Element, header: HeadsHeader, api: Page) => void} */
function showPicks(host, header, api) {
  const made = slots(host, header.names.length, () => {
    const node = el("button", { type: "button", class: "pick", "data-testid": "score" });
    node.addEventListener("click", () => api.setView({ score: node.value }));
    return node;
  });
  header.names.forEach((name, i) => {
    const node = /** @type {HTMLButtonElement} */ (made[i]);
    if (node.value !== name) node.value = name;
    const short = api.str("heads.short." + name);
    if (node.dataset.name !== name)
      node.replaceChildren(el("b", { text: short, "aria-hidden": "true" }), " " + api.str("heads.name." + name));
    node.dataset.name = name;
    setAttr(node, "title", api.str("heads.definition." + name));
    setAttr(node, "aria-pressed", String(api.view().score === name));
  });
}

/** @type {(cells: HTMLElement, picture: Shown, api: Page) => void} */
function drawCells(cells, { header, theme }, api) {
  const { n_layer, n_head, names } = header;
  const view = api.view();
  const chosen = chosenOf(header, view);
  const place = names.indexOf(view.score);
  setStyle(cells, "--heads", String(n_head));
  setStyle(cells, "--layers", String(n_layer));
  setClass(cells, "many", n_layer > 16 || n_head > 12);
  // a row of names, then for each layer its name and its heads
  const across = n_head + 1;
  slots(cells, (n_layer + 1) * across, (i) =>
    i < across || i % across === 0
      ? el("span", { class: "head-name mono", "aria-hidden": "true" })
      : el(
          "button",
          { type: "button", class: "head-cell mono" },
          el("span", { class: "n" }),
          el("span", { class: "l" }),
        ),
  );
  partsOf(cells).forEach((node, i) => {
    const [row, column] = [Math.floor(i / across), i % across];
    if (row === 0 || column === 0) {
      const name = row === 0 ? (column ? String(column - 1) : "") : String(row - 1);
      setText(node, name);
      setClass(node, "on", row === 0 ? column - 1 === chosen.head && column > 0 : row - 1 === chosen.layer);
      return;
    }
    const [layer, head] = [row - 1, column - 1];
    const scores = scoresOf(header, layer, head);
    const value = scores[place] ?? null;
    const labels = labelsOf(header, scores);
    const on = layer === chosen.layer && head === chosen.head;
    setAttr(node, "data-testid", "head");
    setAttr(node, "data-place", `${layer}.${head}`);
    setAttr(node, "tabindex", on ? "0" : "-1");
    setAttr(node, "aria-pressed", String(on));
    setStyle(node, "background", value === null ? "none" : indigo(theme, value));
    setStyle(node, "color", value === null ? "inherit" : inkOn(theme, value, 1));
    setText(node.children[0], value === null ? "–" : fmtNumber(value, 2));
    setText(node.children[1], labels.map((name) => api.str("heads.short." + name)).join(""));
    setAttr(node, "aria-label", cellWords(api, { layer, head, value, labels, name: view.score }));
    setAttr(node, "title", cellWords(api, { layer, head, value, labels, name: view.score }));
  });
}

/** @type {(api: Page, said: { layer: number, head: number, value: number | null, labels: string[], name: string }) => string} */
function cellWords(api, { layer, head, value, labels, name }) {
  const named = labels.map((label) => api.str("heads.name." + label)).join(", ");
  return api.str("heads.cell", {
    layer,
    head,
    name: api.str("heads.name." + name),
    score: fmtNumber(value, 2),
    labels: named || api.str("heads.no_labels"),
  });
}

/** @type {(cells: HTMLElement, api: Page, state: { picture: Shown | null }) => void} */
function listenToCells(cells, api, state) {
  cells.addEventListener("click", (event) => {
    const place = within(event, ".head-cell")?.dataset.place?.split(".").map(Number);
    if (place) api.setView({ layer: place[0], head: place[1] });
  });
  cells.addEventListener("keydown", (event) => {
    const move = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key];
    const header = state.picture?.header;
    if (!move || !header || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    event.stopPropagation();
    const { layer, head } = chosenOf(header, api.view());
    const to = [clamp(layer + move[0], 0, header.n_layer - 1), clamp(head + move[1], 0, header.n_head - 1)];
    api.setView({ layer: to[0], head: to[1] });
    const next = /** @type {HTMLElement | null} */ (cells.querySelector(`[data-place="${to[0]}.${to[1]}"]`));
    next?.focus();
  });
}

/** @type {(header: HeadsHeader | undefined, api: Page) => Table} */
function gridTable(header, api) {
  const names = header?.names ?? [];
  const columns = [
    api.str("heads.column.layer"),
    api.str("heads.column.head"),
    ...names.map((name) => api.str("heads.name." + name)),
  ];
  if (!header) return { columns, rows: [] };
  const rows = Array.from({ length: header.heads.length / Math.max(1, names.length) }, (_, i) => {
    const [layer, head] = [Math.floor(i / header.n_head), i % header.n_head];
    return [layer, head, ...scoresOf(header, layer, head)];
  });
  return { columns, rows };
}
