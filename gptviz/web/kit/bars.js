// The one list of bars: rows of tokens and one for all the others, each a word, a bar and a number. Filled = the probability that is
// drawn from, outline = another one where it differs, hatched = cut (by the row's class).

import { el, setAttr, setClass, setStyle, setText, slots } from "./dom.js";

/** @typedef {keyof typeof CLASSES} Part */
/**
 * @typedef {object} BarRow
 * @property {number} p as a share of `most` the width of the bar
 * @property {number | null} [before] the outline, where there is one
 * @property {string} [word]
 * @property {string} [lead] what stands beside the word
 * @property {string} [number]
 * @property {string} [note] behind whichever is longer, or inside a long bar
 * @property {number | null} [roll] a second, thin bar
 * @property {string | null} [title]
 * @property {number | null} [id]
 * @property {Record<string, unknown>} [marks] classes, and whether they are on
 */
/**
 * @typedef {object} Bar
 * @property {HTMLElement} node
 * @property {(row: BarRow | undefined, most: number) => void} show nothing: the row keeps its place
 */
/**
 * @typedef {object} BarShape how a row is made
 * @property {"button" | "div"} [tag]
 * @property {Record<string, unknown>} [attrs]
 * @property {readonly Part[]} [cells] from left to right
 * @property {readonly Part[]} [track] what lies in the bar, the lowest first
 * @property {Partial<Record<Part, string>>} [classes] where a page's own style sheet names them
 * @property {"tick" | "whole"} [outline] of what is shorter than the bar: a tick in it, or as it is
 */

const CLASSES = {
  row: "bar",
  word: "bar-word mono",
  lead: "bar-lead mono",
  track: "bar-track",
  fill: "bar-fill",
  ghost: "bar-ghost",
  roll: "bar-roll",
  note: "bar-note",
  number: "bar-number mono",
};
/** @type {readonly Part[]} */
const CELLS = ["word", "track", "number"];
/** @type {readonly Part[]} */
const TRACK = ["ghost", "fill"];
const SAME_BAR = 5e-4; // shares nearer than this would be drawn on the same pixel
const BREAK_AT = 2.5; // the others may be so many times the most likely token before their bar is broken, and visibly so
const INSIDE_FROM = 0.6; // of the track: there a note finds no room behind

// What a full-width bar stands for. One bar for thousands of tokens would leave all others as slivers: past BREAK_AT it is broken.
/** @type {(best: number, others: number) => number} */
export function barScale(best, others) {
  const most = Math.max(1e-9, best);
  return others > BREAK_AT * most ? most * 1.12 : Math.max(most, others);
}

// As a CSS width: never more than the whole.
/** @type {(p: number, most: number) => string} */
export function barWidth(p, most) {
  return (Math.min(1, (p || 0) / most) * 100).toFixed(3) + "%";
}

// As many bars as there are rows.
/** @type {(host: Element, rows: BarRow[], most: number, shape: BarShape) => void} */
export function showBars(host, rows, most, shape) {
  slots(host, rows.length, () => createBar(shape).node);
  rows.forEach((row, i) => BARS.get(host.children[i])?.show(row, most));
}

/** @type {WeakMap<Element, Bar>} */
const BARS = new WeakMap();

/** @type {(shape?: BarShape) => Bar} */
export function createBar({
  tag = "div",
  attrs = {},
  cells = CELLS,
  track = TRACK,
  classes = {},
  outline = "tick",
} = {}) {
  const named = { ...CLASSES, ...classes };
  /** @type {Partial<Record<Part, HTMLElement>>} */
  const parts = {};
  for (const part of track) parts[part] = el(part === "note" ? "span" : "i", { class: named[part] });
  for (const part of cells) parts[part] = el("span", { class: named[part] });
  parts.track?.append(...track.map((part) => /** @type {Node} */ (parts[part])));
  const node = el(
    tag,
    { ...attrs, class: named.row },
    cells.map((part) => parts[part]),
  );
  /** @type {Bar["show"]} */
  const show = (row, most) => {
    setClass(node, "vacant", !row);
    setAttr(node, "data-id", row?.id);
    if (!row) return;
    for (const [name, on] of Object.entries(row.marks ?? {})) setClass(node, name, on);
    for (const part of /** @type {const} */ (["word", "lead", "number", "note"])) say(parts[part], row[part]);
    placeBar(parts, row, most, outline);
    setAttr(node, "title", row.title);
  };
  const bar = { node, show };
  BARS.set(node, bar);
  return bar;
}

/** @type {(node: HTMLElement | undefined, text: string | undefined) => void} */
function say(node, text) {
  if (node) setText(node, text ?? "");
}

/** @type {(parts: Partial<Record<Part, HTMLElement>>, row: BarRow, most: number, outline: "tick" | "whole") => void} */
function placeBar({ fill, ghost, note, roll }, { p, before, roll: share }, most, outline) {
  if (fill) setStyle(fill, "width", barWidth(p, most));
  const other = before !== null && before !== undefined && Math.abs(before - p) > SAME_BAR * most ? before : null;
  if (ghost) placeGhost(ghost, p, other, most, outline);
  if (roll) {
    setAttr(roll, "hidden", share === null || share === undefined);
    setStyle(roll, "width", barWidth(share ?? 0, most));
    setClass(roll, "over", (share ?? 0) > most); // runs on beyond the panel
  }
  if (note) placeNote(note, Math.min(1, Math.max(p, other ?? 0) / most)); // a broken bar ends at the track's end
}

// What is shorter than the bar would be hidden as an outline inside it: a tick then.
/** @type {(ghost: HTMLElement, p: number, other: number | null, most: number, outline: "tick" | "whole") => void} */
function placeGhost(ghost, p, other, most, outline) {
  const shorter = other !== null && other < p;
  const tick = shorter && outline === "tick";
  setAttr(ghost, "hidden", other === null);
  setClass(ghost, "within", tick);
  setClass(ghost, "behind", shorter && !tick);
  setStyle(ghost, "left", tick ? barWidth(other, most) : "0");
  setStyle(ghost, "width", tick ? "2px" : barWidth(other ?? 0, most));
}

/** @type {(note: HTMLElement, end: number) => void} */
function placeNote(note, end) {
  const inside = end >= INSIDE_FROM;
  setClass(note, "inside", inside);
  setStyle(note, "left", inside ? "auto" : (end * 100).toFixed(2) + "%");
  setStyle(note, "right", inside ? ((1 - end) * 100).toFixed(2) + "%" : "auto");
}
