// One run put into another: two maps of layers and tokens; pointing at a cell frames what it can reach.

import { el, fmtNumber, partsOf, setAttr, setClass, setStyle, setText, slots, within } from "../../kit/dom.js";
import { createHead, spacer } from "../../kit/panel.js";
import { inkOn, signed } from "../../kit/theme.js";

/** @import { Page, Panel, Shown } from "./types.d.ts" */
/** @import { Maps } from "./message.d.ts" */
/** @import { Table } from "../../types.d.ts" */
/** @import { Theme } from "../../kit/theme.js" */

/** @type {(host: HTMLElement, api: Page) => Panel} */
export function createPatch(host, api) {
  /** @type {{ patch: Maps | null, n_layer: number }} */
  const state = { patch: null, n_layer: 0 };
  const small = el("small", {});
  const hint = el("p", { class: "hint", "data-testid": "patch-hint" });
  const grids = [0, 1].map((i) =>
    el("div", { class: "patch-map", role: "img", "data-testid": "patch-map", "data-map": i }),
  );
  const figures = el(
    "div",
    { class: "patch-pair" },
    ["sufficient", "necessary"].map((name, i) =>
      el("figure", {}, el("figcaption", { text: api.str("what_if.patch." + name) }), grids[i]),
    ),
  );
  const key = el("p", { class: "hint", text: api.str("what_if.patch.key") });
  const readout = el("p", { class: "patch-readout", "data-testid": "patch-reading" });
  const more = api.menu({
    title: () => api.str("what_if.patch.title"),
    reading: () => state.patch?.error || state.patch?.reading || api.str("what_if.patch.empty"),
    python: () => state.patch?.python ?? "",
    table: () => patchTable(state.patch, state.n_layer, api),
    picture: () => (state.patch?.sufficient.length ? figures : null),
  });
  host.append(createHead(api.str("what_if.patch.title"), small, spacer(), more), hint, figures, readout, key);
  // while nothing is pointed at, the state that is chosen has its frame and its words
  const settle = () => {
    const { layer, pos } = api.view();
    const { patch } = state;
    for (const grid of grids) light(grid, pos === null ? Number.POSITIVE_INFINITY : layer, pos ?? 0);
    const known =
      patch !== null && pos !== null && (patch.sufficient[layer * patch.clean.length + pos] ?? null) !== null;
    setText(readout, known ? cellWords(patch, 0, layer, pos, api) : (patch?.reading ?? ""));
  };
  grids.forEach((grid, i) => {
    grid.addEventListener("pointerover", (event) => {
      const at = within(event, "[data-cell]")?.dataset.cell?.split(".").map(Number);
      if (at && state.patch) light(grid, at[0], at[1]);
      if (at && state.patch) setText(readout, cellWords(state.patch, i, at[0], at[1], api));
    });
    grid.addEventListener("pointerleave", settle);
    grid.addEventListener("click", (event) => {
      const at = within(event, "[data-cell]")?.dataset.cell?.split(".").map(Number);
      if (at) api.setView({ layer: at[0], pos: at[1] });
    });
  });

  /** @param {Shown} picture */
  function update({ header, theme }) {
    const { patch } = header;
    Object.assign(state, { patch, n_layer: header.n_layer });
    const there = patch !== null && patch.sufficient.length > 0;
    setText(hint, patch?.error || (there ? "" : api.str("what_if.patch.empty")));
    for (const node of [figures, key, readout, more]) setAttr(node, "hidden", !there);
    setText(small, there ? smallWords(patch, api) : "");
    if (!there) return;
    drawMap(grids[0], patch.sufficient, patch.clean, header.n_layer, theme);
    drawMap(grids[1], patch.necessary, patch.corrupt, header.n_layer, theme);
    for (const grid of grids) setAttr(grid, "aria-label", patch.reading);
    settle();
  }
  return { update };
}

/** @type {(grid: HTMLElement, shares: (number | null)[], labels: string[], n_layer: number, theme: Theme) => void} */
function drawMap(grid, shares, labels, n_layer, theme) {
  const T = labels.length;
  setStyle(grid, "--tokens", String(T));
  setClass(grid, "narrow", T > 10);
  slots(grid, (n_layer + 1) * (T + 1), () => el("span", {}));
  partsOf(grid).forEach((node, i) => {
    const [row, column] = [Math.floor(i / (T + 1)), i % (T + 1)];
    if (row === n_layer || column === 0) {
      setText(node, row === n_layer ? (column ? labels[column - 1] : "") : String(row));
      setAttr(node, "class", row === n_layer ? "patch-token mono" : "patch-layer mono");
      setAttr(node, "data-cell", null);
      setAttr(node, "style", null);
      return;
    }
    const share = shares[row * T + column - 1];
    setAttr(node, "class", "patch-cell mono");
    setAttr(node, "data-cell", `${row}.${column - 1}`);
    setStyle(node, "background", share === null ? "none" : signed(theme, share, 1));
    setStyle(node, "color", share === null ? "inherit" : inkOn(theme, share, 1));
    setText(node, share === null || Math.abs(share) < 0.05 ? "" : fmtNumber(share, 1));
  });
}

// Frames the cells that one state can reach: deeper layers, its own and later tokens.
/** @type {(grid: HTMLElement, layer: number, pos: number) => void} */
function light(grid, layer, pos) {
  for (const node of partsOf(grid)) {
    const at = node.dataset.cell?.split(".").map(Number);
    if (!at) continue;
    setClass(node, "reached", at[0] > layer && at[1] >= pos);
    setClass(node, "at", at[0] === layer && at[1] === pos);
  }
}

/** @type {(patch: Maps, map: number, layer: number, pos: number, api: Page) => string} */
function cellWords(patch, map, layer, pos, api) {
  const [shares, labels] = map ? [patch.necessary, patch.corrupt] : [patch.sufficient, patch.clean];
  return api.str("what_if.patch.cell", {
    layer,
    pos,
    token: labels[pos],
    share: fmtNumber(shares[layer * labels.length + pos], 2),
  });
}

/** @type {(patch: Maps, api: Page) => string} */
function smallWords({ answer, rival, done, wanted }, api) {
  return api.str("what_if.patch.small", { answer, rival, done, wanted });
}

/** @type {(patch: Maps | null, n_layer: number, api: Page) => Table} */
function patchTable(patch, n_layer, api) {
  const columns = ["layer", "token", "into_corrupt", "into_clean"].map((name) => api.str("what_if.patch." + name));
  const T = patch?.clean.length ?? 0;
  if (!patch?.sufficient.length) return { columns, rows: [] };
  const rows = Array.from({ length: n_layer * T }, (_, i) => [
    Math.floor(i / T),
    patch.clean[i % T],
    patch.sufficient[i],
    patch.necessary[i],
  ]);
  return { columns, rows };
}
