// ΔW of one matrix as colours (indigo above zero, grey below), where it is thin with the two matrices that it is made of; and its
// singular values beside those of other tunings.

import { showBars } from "../../kit/bars.js";
import { el, fmtPercent, numbersOf, setAttr, setText, slots } from "../../kit/dom.js";
import { createHead, spacer } from "../../kit/panel.js";
import { signedWord } from "../../kit/theme.js";
import { createSpectra } from "./spectra.js";

/** @import { Page, Panel, Shown } from "./types.d.ts" */
/** @import { TuningHeader } from "./message.d.ts" */

const PARTS = /** @type {const} */ (["thin_a", "thin_b", "product"]);
const SHAPE = { tag: /** @type {const} */ ("div"), attrs: { "data-testid": "held" } };

/** @type {(host: HTMLElement, api: Page) => Panel} */
export function createDelta(host, api) {
  /** @type {{ picture: Shown | null }} */
  const state = { picture: null };
  const matrix = el("select", { "data-testid": "at-matrix", "aria-label": api.str("tuning.at_matrix") });
  matrix.addEventListener("change", () => api.setView({ at_matrix: matrix.value }));
  const layer = el("select", { "data-testid": "at-layer", "aria-label": api.str("tuning.at_layer") });
  layer.addEventListener("change", () => api.setView({ at_layer: Number(layer.value) }));
  const blocks = PARTS.map((name) => thinBlock(name, api));
  const plot = el("div", { class: "spectra-plot", "data-testid": "spectra" });
  const key = el("p", { class: "spectra-key" });
  const bars = el("div", { class: "bars" });
  const body = el(
    "div",
    { class: "delta-body" },
    blocks.map(({ node }) => node),
    el("div", { class: "thin spectra" }, el("b", { text: api.str("tuning.singular") }), plot, key),
    el("div", { class: "thin held" }, el("b", { text: api.str("tuning.held") }), bars),
  );
  const more = api.menu({
    title: () => api.str("tuning.delta"),
    reading: () => state.picture?.header.delta_reading ?? "",
    python: () => state.picture?.header.delta_python,
    table: () => spectraTable(state.picture?.header, api),
    picture: () => body,
  });
  host.append(createHead(api.str("tuning.delta"), matrix, layer, spacer(), more), body);
  const spectra = createSpectra(plot, key, api);
  return {
    update: (picture) => {
      state.picture = picture;
      const { header } = picture;
      setAttr(host, "hidden", !header.delta_layers.length);
      if (!header.delta_layers.length) return;
      showChoices(matrix, header.delta_matrices, header.delta_matrix, (name) => api.str(`tuning.matrix.${name}`));
      setAttr(matrix, "hidden", header.delta_matrices.length < 2);
      const named = (/** @type {string} */ at) => api.str("tuning.layer", { layer: at });
      showChoices(layer, header.delta_layers.map(String), String(header.delta_layer), named);
      const [rank, n_in, n_out] = header.delta_shape;
      const sizes = [`${rank} × ${n_in}`, `${n_out} × ${rank}`, `${n_in} × ${n_out}`];
      setAttr(body, "data-thin", String(rank > 0));
      blocks.forEach(({ node, name, canvas, size }, i) => {
        setAttr(node, "hidden", !rank && i < 2);
        setText(size, sizes[i]);
        setAttr(canvas, "aria-label", header.delta_reading);
        paint(canvas, PARTS[i], picture);
        if (i === 2) setText(name, api.str(rank ? "tuning.product" : "tuning.whole"));
      });
      spectra.draw(picture);
      const rows = header.held.map(([r, p]) => ({ p, word: String(r), number: fmtPercent(p, 0) }));
      showBars(bars, rows, 1, SHAPE);
    },
  };
}

/** @type {(name: typeof PARTS[number], api: Page) => { canvas: HTMLCanvasElement, size: HTMLElement, name: HTMLElement, node: HTMLElement }} */
function thinBlock(name, api) {
  const canvas = el("canvas", { class: name, role: "img", "data-testid": name });
  const size = el("span", { class: "mono" });
  const title = el("b", { text: api.str(`tuning.${name}`) });
  return {
    canvas,
    size,
    name: title,
    node: el("figure", { class: `thin ${name}` }, el("figcaption", {}, title, size), canvas),
  };
}

/** @type {(select: HTMLSelectElement, values: string[], chosen: string, write: (value: string) => string) => void} */
function showChoices(select, values, chosen, write) {
  const made = slots(select, values.length, () => el("option", {}));
  values.forEach((value, i) => {
    setAttr(made[i], "value", value);
    setText(made[i], write(value));
  });
  if (select.value !== chosen) select.value = chosen;
}

/** @type {(header: TuningHeader | undefined, api: Page) => { columns: string[], rows: (string | number | null)[][] }} */
function spectraTable(header, api) {
  const spectra = header?.spectra ?? [];
  const places = [...new Set(spectra.flatMap(({ points }) => points.map(([at]) => at)))].sort((a, b) => a - b);
  const values = spectra.map(({ points }) => new Map(points));
  return {
    columns: [api.str("tuning.column.place"), ...spectra.map(({ name }) => name)],
    rows: places.map((at) => [at, ...values.map((found) => found.get(at) ?? null)]),
  };
}

// One pixel a number; the style sheet makes them larger.
/** @type {(canvas: HTMLCanvasElement, name: string, picture: Shown) => void} */
function paint(canvas, name, picture) {
  const values = numbersOf(picture, name);
  const [rows, columns] = picture.header.blobs?.[name]?.shape ?? [0, 0];
  if (!rows) return;
  canvas.width = columns;
  canvas.height = rows;
  const context = canvas.getContext("2d");
  if (!context) return;
  const image = context.createImageData(columns, rows);
  const words = new Uint32Array(image.data.buffer);
  let most = 1e-12;
  for (let i = 0; i < values.length; i += 1) most = Math.max(most, Math.abs(values[i]));
  for (let i = 0; i < words.length; i += 1) words[i] = signedWord(picture.theme, values[i], most);
  context.putImageData(image, 0, 0);
}
