// A generated text: words coloured by surprisal, the place where it leaves its neighbour, passages that repeat, the step looked at.

import { el, fmtNumber, partsOf, setAttr, setClass, setStyle, setText, slots, within } from "../../kit/dom.js";
import { surprisalShare } from "../../kit/theme.js";

/** @import { ColumnView } from "./message.d.ts" */
/** @import { Page } from "./types.d.ts" */

// Gives { node, update(column, step), follow(step) }; a word that is clicked chooses its step by pick(step).
/** @type {(api: Page, pick: (step: number) => void) => { node: HTMLElement, update: (column: ColumnView, step: number) => void, follow: (step: number) => void }} */
export function createText(api, pick) {
  const node = el("p", { class: "col-text", "data-testid": "text", tabindex: "0", role: "group" });
  node.addEventListener("click", (event) => {
    const word = within(event, ".w");
    if (word) pick(Number(word.dataset.first));
  });
  return {
    node,
    update: (column, step) => {
      setClass(node, "draft", column.words.length === 0);
      setAttr(node, "aria-label", column.name);
      if (column.words.length === 0) drawDraft(node, column, api);
      else paintWords(node, column, step, api);
    },
    follow: (step) => keepStepInView(node, step),
  };
}

/** @type {(node: HTMLElement, column: ColumnView, api: Page) => void} */
function drawDraft(node, column, api) {
  const text = column.draft || (column.writing ? "…" : api.str("compare.waiting"));
  if (node.firstElementChild?.className !== "draft-text") node.replaceChildren(el("span", { class: "draft-text" }));
  setText(node.children[0], text);
}

// The space that begins most words goes where a line ends (see .w-gap), else its colour would be a sliver there.
/** @type {(node: HTMLElement, column: ColumnView, step: number, api: Page) => void} */
function paintWords(node, column, step, api) {
  if (node.firstElementChild?.className === "draft-text") node.replaceChildren();
  const made = slots(node, column.words.length, () =>
    el("span", { class: "w" }, el("span", { class: "w-gap" }), el("span", { class: "w-text" })),
  );
  column.words.forEach(([first, stop, text, bits], i) => {
    const span = made[i];
    const loop = (column.loops ?? []).find(([from, to]) => first >= from && first < to);
    const at = column.leaves ?? -1;
    const leaves = first <= at && at < stop;
    const here = first <= step && step < stop;
    const gap = text.startsWith(" ") && !/^\s*$|^\s\s/.test(text) && !/\s$/.test(column.words[i - 1]?.[2] ?? "\n");
    setText(span.children[0], gap ? " " : "");
    setText(span.children[1], gap ? text.slice(1) : text);
    setAttr(span, "data-first", first);
    setAttr(span, "class", ["w", here && "at", leaves && "leaves", loop && "loop"].filter(Boolean).join(" "));
    setAttr(span, "data-times", loop && stop === loop[1] ? "×" + loop[2] : null);
    setStyle(span, "--s", surprisalShare(bits));
    const values = { step: first + 1, first: first + 1, last: stop, bits: fmtNumber(bits, 1) };
    setAttr(span, "title", api.str(stop === first + 1 ? "compare.word" : "compare.words", values));
  });
}

// Scrolls the text itself, never the page.
/** @type {(node: HTMLElement, step: number) => void} */
function keepStepInView(node, step) {
  const span = partsOf(node).findLast((word) => Number(word.dataset.first) <= step);
  if (!span || node.scrollHeight <= node.clientHeight) return;
  const [top, bottom] = [span.offsetTop - node.offsetTop, span.offsetTop - node.offsetTop + span.offsetHeight];
  if (top < node.scrollTop) node.scrollTop = top - 4;
  else if (bottom > node.scrollTop + node.clientHeight) node.scrollTop = bottom - node.clientHeight + 4;
}
