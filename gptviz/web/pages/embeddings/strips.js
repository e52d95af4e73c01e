// The rows of the text's tokens as strips of colour: what the embedding has for each token, what its position adds, and their sum,
// which goes into the first block. A cell that is pointed at says its sum.

import { el, fmtNumber, numbersOf, setAttr, setClass, setStyle, setText, slots } from "../../kit/dom.js";
import { createLabel, writeLabel } from "../../kit/chips.js";
import { createHead, spacer } from "../../kit/panel.js";
import { fitCanvas, signedWord } from "../../kit/theme.js";

/** @import { Page, Panel, Shown } from "./types.d.ts" */
/** @import { Strips } from "./message.d.ts" */
/** @import { Numbers, Table } from "../../types.d.ts" */

const PARTS = /** @type {const} */ (["rows", "added", "sum"]);
const DIGITS = 4;
const FULL_FROM = 0.995; // of all numbers

/** @type {(host: HTMLElement, api: Page) => Panel} */
export function createStrips(host, api) {
  /** @type {{ picture: Shown | null, at: { row: number, column: number } }} */
  const state = { picture: null, at: { row: -1, column: 0 } };
  const labels = el("div", { class: "strip-labels", "data-testid": "strips" });
  const blocks = PARTS.map((part) => block(part, api));
  const told = el("p", { class: "strip-told mono", "data-testid": "strip-told" });
  const small = el("small", {});
  const scale = el("span", { class: "strip-scale mono" });
  const more = api.menu({
    title: api.str("embeddings.rows"),
    reading: () => state.picture?.header.strips?.reading ?? api.str("empty.hint"),
    python: () => state.picture?.header.strips?.python ?? "",
    table: () => stripsTable(state.picture, api),
    picture: () => (state.picture?.header.strips ? body : null),
  });
  const body = el("div", { class: "strip-body" }, labels, ...blocks.map((one) => one.node));
  host.append(createHead(api.str("embeddings.rows"), small, spacer(), scale, more), body, told);
  /** @param {number} pos */
  const look = (pos) => {
    const last = (state.picture?.header.ids.length ?? 0) - 1;
    api.setView({ pos: pos >= last ? null : pos, token: -1 });
  };
  labels.addEventListener("click", (event) => {
    const row = event.target instanceof Element ? event.target.closest("[data-pos]") : null;
    if (row instanceof HTMLElement) look(Number(row.dataset.pos));
  });
  const tell = () => setText(told, sentence(state.picture, state.at, api));
  for (const { canvas } of blocks) {
    canvas.addEventListener("pointermove", (event) => {
      const strips = state.picture?.header.strips;
      if (!strips) return;
      const { width, height } = canvas.getBoundingClientRect();
      const column = Math.floor((event.offsetX / width) * strips.width);
      state.at = { row: Math.floor((event.offsetY / height) * strips.labels.length), column };
      tell();
    });
    canvas.addEventListener("click", (event) => {
      const strips = state.picture?.header.strips;
      if (!strips) return;
      const row = Math.floor((event.offsetY / canvas.getBoundingClientRect().height) * strips.labels.length);
      look(strips.first + row);
    });
  }
  const draw = () => {
    const { picture } = state;
    const strips = picture?.header.strips;
    if (picture && strips) for (const one of blocks) one.draw(picture, strips);
  };
  api.onResize(body, draw);

  /** @param {Shown} picture */
  function update(picture) {
    state.picture = picture;
    const { strips } = picture.header;
    setAttr(body, "hidden", !strips);
    setAttr(labels, "data-ids", picture.header.ids.join(","));
    setText(small, strips ? headOf(strips, api) : "");
    if (!strips) {
      setText(told, api.str("empty.hint"));
      setText(scale, "");
      return;
    }
    state.at = { ...state.at, row: Math.min(state.at.row, strips.labels.length - 1) };
    drawLabels(labels, strips);
    draw();
    setText(scale, api.str("embeddings.scale", { most: fmtNumber(fullColour(picture), 2) }));
    tell();
  }
  return { update };
}

/** @type {(part: (typeof PARTS)[number], api: Page) => { node: HTMLElement, canvas: HTMLCanvasElement, draw: (picture: Shown, strips: Strips) => void }} */
function block(part, api) {
  const canvas = el("canvas", { class: "strip-canvas", role: "img", "aria-label": api.str("embeddings.part." + part) });
  const title = el("span", { class: "strip-title", text: api.str("embeddings.part." + part) });
  const box = el("div", { class: "strip-box" }, canvas);
  const node = el("figure", { class: "strip-block " + part }, title, box);
  return {
    node,
    canvas,
    draw: (picture, strips) => {
      const values = picture.blob(part);
      setAttr(node, "hidden", !values);
      if (values) paint(canvas, box, picture, strips, values);
    },
  };
}

// One pixel a number, enlarged without blur; the row that is looked at is framed.
/** @type {(canvas: HTMLCanvasElement, box: HTMLElement, picture: Shown, strips: Strips, values: Numbers) => void} */
function paint(canvas, box, { theme, blob }, strips, values) {
  const { clientWidth: width, clientHeight: height } = box;
  const { labels, width: columns, pos, first } = strips;
  if (!width || !height || !labels.length) return;
  const most = fullColour({ blob });
  const image = new ImageData(columns, labels.length);
  const words = new Uint32Array(image.data.buffer);
  for (let i = 0; i < words.length; i += 1) words[i] = signedWord(theme, values[i], most);
  const small = document.createElement("canvas");
  [small.width, small.height] = [columns, labels.length];
  small.getContext("2d")?.putImageData(image, 0, 0);
  const context = fitCanvas(canvas, width, height);
  context.imageSmoothingEnabled = columns > width * (devicePixelRatio || 1); // else each number is a cell
  context.drawImage(small, 0, 0, width, height);
  const high = height / labels.length;
  context.fillStyle = theme.panel;
  for (let row = 1; row < labels.length; row += 1) context.fillRect(0, row * high - 0.5, width, 1);
  context.strokeStyle = theme.draw;
  context.lineWidth = 2;
  context.strokeRect(1, (pos - first) * high + 1, width - 2, high - 2);
}

// The number from which on colour is full, for all three alike: larger ones are so few that they would leave the others pale.
/** @type {(picture: { blob: Shown["blob"] }) => number} */
function fullColour({ blob }) {
  const sizes = Float32Array.from(
    PARTS.flatMap((part) => [...(blob(part) ?? [])]),
    Math.abs,
  ).sort();
  return sizes[Math.floor((sizes.length - 1) * FULL_FROM)] || 1;
}

/** @type {(host: HTMLElement, strips: Strips) => void} */
function drawLabels(host, { labels, first, pos }) {
  setStyle(host, "--rows", String(labels.length));
  const made = slots(host, labels.length, () =>
    el("button", { type: "button", class: "strip-label", "data-testid": "strip-label" }, createLabel()),
  );
  labels.forEach((label, i) => {
    writeLabel(made[i].children[0], label);
    setAttr(made[i], "data-pos", first + i);
    setAttr(made[i], "aria-pressed", String(first + i === pos));
    setClass(made[i], "sel", first + i === pos);
  });
}

/** @type {(strips: Strips, api: Page) => string} */
function headOf({ width, n_embd, scale, scheme }, api) {
  const said = [api.str("embeddings.scheme_hint." + scheme)];
  if (scale !== 1) said.push(api.str("embeddings.scaled", { scale: fmtNumber(scale, 2) }));
  if (width < n_embd) said.push(api.str("embeddings.first_of", { shown: fmtNumber(width), count: fmtNumber(n_embd) }));
  return said.join(" · ");
}

// "cat, number 17 of 384: 0.1234 + −0.0456 = 0.0778"
/** @type {(picture: Shown | null, at: { row: number, column: number }, api: Page) => string} */
function sentence(picture, at, api) {
  const strips = picture?.header.strips;
  if (!picture || !strips) return "";
  const row = at.row < 0 ? strips.pos - strips.first : at.row;
  const place = row * strips.width + Math.min(at.column, strips.width - 1);
  const [token, added, sum] = PARTS.map((part) => numbersOf(picture, part)[place]);
  const values = {
    label: strips.labels[row],
    number: fmtNumber(at.column + 1),
    count: fmtNumber(strips.n_embd),
    token: fmtNumber(token, DIGITS),
    added: fmtNumber(added, DIGITS),
    sum: fmtNumber(sum, DIGITS),
  };
  return api.str(added === undefined ? "embeddings.cell_alone" : "embeddings.cell", values);
}

/** @type {(picture: Shown | null, api: Page) => Table} */
function stripsTable(picture, api) {
  const columns = ["position", "token", "part"].map((name) => api.str("embeddings.column." + name));
  const strips = picture?.header.strips;
  if (!picture || !strips) return { columns, rows: [] };
  const numbers = Array.from({ length: strips.width }, (_, i) => String(i + 1));
  const rows = strips.labels.flatMap((label, row) =>
    PARTS.filter((part) => picture.blob(part)).map((part) => [
      strips.first + row,
      label,
      api.str("embeddings.part." + part),
      ...numbersOf(picture, part).subarray(row * strips.width, (row + 1) * strips.width),
    ]),
  );
  return { columns: [...columns, ...numbers], rows };
}
