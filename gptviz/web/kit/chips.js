// The one list of tokens as chips: label, number, colour by surprisal or whatever it stands for. Pieces of one character are joined
// by a bracket with the character above. One chip is chosen; among the chips the arrows move from one to the next.

import { el, setAttr, setStyle, setText, slots } from "./dom.js";

/** @typedef {{ of: string, index: number, count: number }} Piece */
/**
 * @typedef {object} ShownChip
 * @property {string} label
 * @property {string} number below the label
 * @property {string} colour of its ground
 * @property {Piece | null | undefined} piece
 * @property {Record<string, unknown>} [marks] classes, and whether they are on
 */
/**
 * @typedef {object} Deps
 * @property {HTMLElement} list what is listened to
 * @property {HTMLElement} [tokens] what holds the chips, where that is another
 * @property {string} testid
 * @property {(chip: HTMLElement) => HTMLElement} [wrap] what stands in the list for each
 * @property {(pos: number) => void} select
 * @property {(pos: number | null) => void} hover
 */
/**
 * @typedef {object} Chips
 * @property {(chips: ShownChip[], chosen: number, entry?: number) => void} show `entry`: where the keyboard comes in; else the chosen one
 * @property {(pos: number) => HTMLElement | null} at
 * @property {(name: string, is: (pos: number) => boolean) => void} mark
 */

const FAINT = /^(·+)?(.*?)(·+)?$/su;

/** @type {(deps: Deps) => Chips} */
export function createChipList(deps) {
  const { list, tokens = list, testid, wrap = (chip) => chip } = deps;
  /** @type {HTMLElement[]} */
  let made = [];
  const make = (/** @type {number} */ pos) => {
    const attrs = { type: "button", class: "chip", "data-testid": testid, "data-pos": pos };
    const whole = el("span", { class: "whole", "aria-hidden": "true" });
    return wrap(el("button", attrs, whole, createLabel(), el("span", { class: "i mono" })));
  };
  listen(list, deps, () => made);
  return {
    at: (pos) => made[pos] ?? null,
    mark: (name, is) => made.forEach((chip, pos) => chip.classList.toggle(name, is(pos))),
    show: (chips, chosen, entry = chosen) => {
      const nodes = slots(tokens, chips.length, make);
      const same = made.length === chips.length;
      if (!same)
        made = Array.from(
          nodes,
          (node) => /** @type {HTMLElement} */ (node.closest(".chip") ?? node.firstElementChild),
        );
      chips.forEach((chip, pos) => writeChip(made[pos], chip, pos === chosen, pos === entry));
    },
  };
}

// A token that begins with a letter and no space goes on a word, in writing that has spaces between words.
/** @type {(label: string) => boolean} */
export function goesOn(label) {
  return /^[\p{L}\p{M}]/u.test(label) && !UNSPACED.test(label);
}

const UNSPACED =
  /^[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}ー]/u;

// The node of a label, the spaces at either end of which are there, but faint.
export function createLabel() {
  return el("span", { class: "t" }, el("u"), el("span"), el("u"));
}

/** @type {(node: Element, text: string) => void} */
export function writeLabel(node, text) {
  const [, before = "", middle = "", after = ""] = FAINT.exec(text) ?? [null, "", text, ""];
  [before, middle, after].forEach((part, i) => setText(node.children[i], part));
}

/** @type {(node: HTMLElement, chip: ShownChip, chosen: boolean, entry: boolean) => void} */
function writeChip(node, { label, number, colour, piece, marks = {} }, chosen, entry) {
  const [whole, name, below] = node.children;
  writeLabel(name, label);
  setText(below, number);
  const middle = piece ? piece.index === Math.floor((piece.count - 1) / 2) : false;
  const on = Object.keys(marks).filter((mark) => marks[mark]);
  const classes = [
    "chip",
    chosen && "sel",
    ...on,
    ...pieceClasses(piece, middle),
    node.classList.contains("lit") && "lit",
  ];
  setAttr(node, "class", classes.filter(Boolean).join(" "));
  setText(whole, piece && middle ? piece.of : "");
  setStyle(node, "background-color", colour);
  setAttr(node, "aria-pressed", String(chosen));
  setAttr(node, "tabindex", entry ? "0" : "-1");
}

/** @type {(piece: Piece | null | undefined, middle: boolean) => (string | false)[]} */
function pieceClasses(piece, middle) {
  if (!piece) return [];
  const { index, count } = piece;
  return ["piece", index === 0 && "first", index === count - 1 && "last", middle && count % 2 === 0 && "between"];
}

/** @type {(list: HTMLElement, deps: Deps, made: () => HTMLElement[]) => void} */
function listen(list, { select, hover }, made) {
  /** @param {Event} event */
  const posOf = (event) => {
    const chip = event.target instanceof Element ? event.target.closest(".chip[data-pos]") : null;
    return chip instanceof HTMLElement ? Number(chip.dataset.pos) : null;
  };
  list.addEventListener("pointerover", (event) => event.pointerType !== "touch" && hover(posOf(event)));
  list.addEventListener("pointerleave", () => hover(null));
  list.addEventListener("click", (event) => {
    const pos = posOf(event);
    if (pos !== null) select(pos);
  });
  list.addEventListener("keydown", (event) => {
    const pos = posOf(event);
    // Escape gives the arrows back to stepping
    if (event.key === "Escape" && event.target instanceof HTMLElement) event.target.blur();
    const last = made().length - 1;
    const to = pos === null ? undefined : { ArrowLeft: pos - 1, ArrowRight: pos + 1, Home: 0, End: last }[event.key];
    if (to === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    event.stopPropagation();
    const next = Math.min(last, Math.max(0, to));
    made()[next].focus();
    select(next);
  });
}
