// What the attention panel is about: the chosen cell, the scene that is painted, and what is said of it.

import { clamp, fmtNumber, numbersOf } from "../../kit/dom.js";
import { paintedPicture } from "../../kit/pen.js";
import { heatGeometry, paintHeat } from "./heat.js";

/** @import { Blob, Numbers, Spec, Table } from "../../types.d.ts" */
/** @import { AttentionMemory, Chosen, Page, Scene, Shown } from "./types.d.ts" */

const BRIEF = 10000; // a long text's weights come in steps of 1/10,000, and 65,535 where one is masked (see ui/web/brief.py)
const PATIENCE = 10000; // ms that the exact ones are waited for

/** @type {WeakMap<Blob, Float32Array>} */
const WIDENED = new WeakMap();

// The numbers of the matrix: exact, or so that each rounds to what is written as the exact one does.
/** @type {(picture: Shown) => Numbers} */
function attentionValues(picture) {
  const sent = picture.blob("attention");
  if (!(sent instanceof Uint16Array)) return numbersOf(picture, "attention");
  const known = WIDENED.get(sent);
  if (known) return known;
  const values = Float32Array.from(sent, (code) => (code === 65535 ? Number.NaN : code / BRIEF));
  WIDENED.set(sent, values);
  return values;
}

/** @type {(picture: Shown | null) => boolean} */
function isBrief(picture) {
  return picture?.blob("attention") instanceof Uint16Array;
}

// Asks for the exact numbers where they are not here; resolved when they have come, or after a while without them.
/** @type {(memory: AttentionMemory, api: Page) => Promise<unknown> | null} */
function exactNumbers(memory, api) {
  if (!isBrief(memory.picture)) return null;
  return new Promise((resolve) => {
    memory.awaiting.push(() => resolve(null));
    setTimeout(() => resolve(null), PATIENCE);
    api.act({ kind: "exact" });
  });
}

// A picture has come: whoever waits for exact numbers has them now, or asks again where the text has changed meanwhile.
/** @type {(memory: AttentionMemory, api: Page) => void} */
export function attentionArrived(memory, api) {
  if (!memory.awaiting.length) return;
  if (!isBrief(memory.picture)) for (const then of memory.awaiting.splice(0)) then();
  else if (!api.pending("exact")) api.act({ kind: "exact" });
}

// The chosen cell: what this browser holds where it holds something, else what the picture was made for.
/** @type {(picture: Shown, api: Page) => Chosen} */
export function attentionChosen(picture, api) {
  const last = picture.header.ids.length - 1;
  const [mine, drawn] = [api.view(), picture.header.view];
  const pos = clamp(mine.pos ?? drawn.pos ?? last, -1, last);
  if (mine.key !== null && mine.key !== undefined) return { pos, key: clamp(mine.key, -1, last) };
  return { pos, key: pos === drawn.pos ? clamp(drawn.key ?? -1, -1, last) : strongestKey(picture, pos) };
}

/** @type {(picture: Shown, pos: number) => number} */
function strongestKey(picture, pos) {
  const count = picture.header.ids.length;
  if (pos < 0 || !picture.header.attention) return -1;
  const row = attentionValues(picture).subarray(pos * count, pos * count + pos + 1);
  return row.reduce((best, value, key) => (value > row[best] ? key : best), 0);
}

/** @type {(picture: Shown, memory: AttentionMemory, api: Page) => Scene} */
export function attentionScene(picture, { lit, hover, fitted }, api) {
  const { header, theme } = picture;
  const { stage, min, max } = header.attention ?? { stage: "pattern", min: 0, max: 1 };
  return {
    ...attentionChosen(picture, api),
    picture,
    lit,
    hover,
    theme,
    stage,
    fitted,
    most: stage === "pattern" ? 1 : Math.max(Math.abs(min), Math.abs(max)),
    labels: (header.chips ?? []).map((chip) => chip.label),
    values: header.ids.length ? attentionValues(picture) : new Float32Array(0),
    words: { query: api.str("panel.attention.query"), key: api.str("panel.attention.key") },
  };
}

// "·the → ·door 0.306" of the cell under the pointer, else of the chosen one.
/** @type {(memory: AttentionMemory, api: Page) => string} */
export function attentionReadout({ picture, hover }, api) {
  if (!picture?.header.ids.length || !picture.header.attention) return "";
  const { pos, key } =
    hover && hover.query >= 0 && hover.key >= 0 ? { pos: hover.query, key: hover.key } : attentionChosen(picture, api);
  if (pos < 0 || key < 0) return "";
  const { chips, ids, attention } = picture.header;
  const value = attentionValues(picture)[pos * ids.length + key];
  const written = Number.isNaN(value)
    ? api.str("panel.attention.masked")
    : attention.stage === "pattern"
      ? fmtNumber(value, 3)
      : fmtNumber(value, 2);
  return `${chips[pos].label} → ${chips[key].label}  ${written}`;
}

/** @type {(memory: AttentionMemory, api: Page) => Spec} */
export function attentionMenu(memory, api) {
  const shown = () => (memory.picture?.header.ids.length ? memory.picture : null);
  return {
    title: () => api.str("panel.attention.title"),
    reading: () => shown()?.header.attention?.reading ?? "",
    python: () => shown()?.header.attention?.python ?? "",
    ready: () => exactNumbers(memory, api),
    table: () => attentionTable(isBrief(memory.picture) ? null : shown()),
    picture: () => {
      const picture = shown();
      if (!picture) return null;
      const { theme, header } = picture;
      const side = Math.max(420, header.ids.length * 12 + 110) * theme.type;
      const geometry = heatGeometry(side, side, header.ids.length, theme.type);
      const scene = { ...attentionScene(picture, memory, api), lit: null, hover: null };
      return paintedPicture(side, side, theme.panel, (context) => paintHeat(context, geometry, scene));
    },
  };
}

/** @type {(picture: Shown | null) => Table} */
function attentionTable(picture) {
  if (!picture) return { columns: [], rows: [] };
  const labels = picture.header.chips.map((chip) => chip.label);
  const values = attentionValues(picture);
  /** @param {number} query @param {number} key */
  const cellOf = (query, key) =>
    Number.isNaN(values[query * labels.length + key]) ? null : values[query * labels.length + key];
  return {
    columns: ["", ...labels],
    rows: labels.map((label, query) => [label, ...labels.map((_, key) => cellOf(query, key))]),
  };
}
