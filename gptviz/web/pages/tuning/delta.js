// ΔW of one layer: two thin matrices and their product, as colours, and its singular values. Indigo above zero, grey below.

import { showBars } from "../../kit/bars.js";
import { el, fmtNumber, numbersOf, setAttr, setText, slots } from "../../kit/dom.js";
import { createHead, spacer } from "../../kit/panel.js";
import { signedWord } from "../../kit/theme.js";

/** @import { Page, Panel, Shown } from "./types.d.ts" */

const PARTS = /** @type {const} */ (["thin_a", "thin_b", "product"]);
const SHAPE = { tag: /** @type {const} */ ("div"), attrs: { "data-testid": "singular" } };
const SHOWN = 12; // singular values

/** @type {(host: HTMLElement, api: Page) => Panel} */
export function createDelta(host, api) {
  /** @type {{ picture: Shown | null }} */
  const state = { picture: null };
  const layer = el("select", { "data-testid": "at-layer", "aria-label": api.str("tuning.at_layer") });
  layer.addEventListener("change", () => api.setView({ at_layer: layer.selectedIndex }));
  const blocks = PARTS.map((name) => {
    const canvas = el("canvas", { class: name, role: "img", "data-testid": name });
    const size = el("span", { class: "mono" });
    return {
      canvas,
      size,
      node: el(
        "figure",
        { class: `thin ${name}` },
        el("figcaption", {}, el("b", { text: api.str(`tuning.${name}`) }), " ", size),
        canvas,
      ),
    };
  });
  const bars = el("div", { class: "bars" });
  const values = el("div", { class: "thin" }, el("b", { text: api.str("tuning.singular") }), bars);
  const body = el(
    "div",
    { class: "delta-body" },
    blocks.map(({ node }) => node),
    values,
  );
  const more = api.menu({
    title: () => api.str("tuning.delta"),
    reading: () => state.picture?.header.delta_reading ?? "",
    python: () => state.picture?.header.setup_python,
    table: () => ({
      columns: ["place", "singular"].map((name) => api.str(`tuning.column.${name}`)),
      rows: (state.picture?.header.singular ?? []).map((value, i) => [i + 1, value]),
    }),
    picture: () => body,
  });
  host.append(createHead(api.str("tuning.delta"), layer, spacer(), more), body);
  return {
    update: (picture) => {
      state.picture = picture;
      const { delta_layers, delta_layer, delta_shape, singular } = picture.header;
      setAttr(host, "hidden", !delta_layers);
      if (!delta_layers) return;
      const made = slots(layer, delta_layers, (i) => el("option", { text: api.str("tuning.layer", { layer: i }) }));
      if (made.length && layer.selectedIndex !== delta_layer) layer.selectedIndex = delta_layer;
      const [rank, n_in, n_out] = delta_shape;
      const sizes = [`${rank} × ${n_in}`, `${n_out} × ${rank}`, `${n_in} × ${n_out}`];
      blocks.forEach(({ canvas, size }, i) => {
        setText(size, sizes[i]);
        paint(canvas, PARTS[i], picture);
        setAttr(canvas, "aria-label", picture.header.delta_reading);
      });
      const rows = singular.slice(0, SHOWN).map((p, i) => ({ p, word: String(i + 1), number: fmtNumber(p, 3) }));
      showBars(bars, rows, Math.max(1e-9, singular[0]), SHAPE);
    },
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
