// Terms are explained where they stand: in headings and labels each is marked once a card, by a quiet dotted line. Pointed at, focused
// or tapped it shows what it means; pressed, the list of all terms. The marks are set into text that is there already: nothing moves, and
// a panel that writes its label anew never knows of them.

import { clamp, el, setAttr } from "./dom.js";
import { termList } from "./glossary_list.js";
import { createFinder, readTerms } from "./terms.js";

/** @import { Menu, Say, Strings } from "../types.d.ts" */
/** @import { Found, Term } from "./terms.js" */
/** @typedef {{ root: HTMLElement, terms: Map<string, Term>, find: (text: string) => Found[], read: WeakMap<Element, string>}} Marking */
/** @typedef {{ node: HTMLElement, shown: HTMLElement | null, timer: number, str: Say, terms: Map<string, Term> }} Card */
/** @typedef {{ mark: () => void, stop: () => void }} Glossary */

// Places whose words are the interface's own.
const PLACES = [
  "h2",
  "h3",
  "small",
  "th",
  "dt",
  "figcaption",
  "figcaption > span",
  "legend",
  "label",
  "label > span",
  ".kpi-label",
  ".name",
  ".hint",
];
const NOT_IN =
  "button, a, select, summary, textarea, canvas, svg, dialog, [role=button], [role=tab], [aria-hidden=true], [data-no-terms]";
export const OPEN_GLOSSARY = "gptviz-glossary"; // the settings ask for the list by this event of the document
export const TERM_SHOWN = "gptviz-term"; // what the root says when a term is explained
const [OPEN_AFTER, CLOSE_AFTER] = [180, 220]; // ms of a pointer that rests, that has left
const [GAP, MARGIN] = [6, 8]; // px from the term, from the window's edge

// root: of the page; open: its dialog. `mark` is called when something was drawn: the first time it waits until nobody else works, from
// then on there is next to nothing to do, and it is done at once, so that no line flickers.
/** @type {(root: HTMLElement, deps: { strings: Strings, str: Say, open: Menu["open"] }) => Glossary} */
export function createGlossary(root, { strings, str, open }) {
  const terms = readTerms(strings);
  /** @type {Marking} */
  const marking = { root, terms, find: createFinder(terms), read: new WeakMap() };
  let [idle, begun] = [0, false];
  /** @param {string} [key] */
  const list = (key) => open(str("glossary.title"), () => termList(terms, str, key));
  const node = el("div", { class: "term-card", id: "term-card", role: "tooltip", popover: "manual", hidden: true });
  root.append(node);
  const unlisten = listenToTerms(root, { node, shown: null, timer: 0, str, terms }, list);
  return {
    mark: () => {
      if (begun) markAll(marking);
      else
        idle ||= whenIdle(() => {
          begun = true;
          markAll(marking);
        });
    },
    stop: () => {
      stopIdle(idle);
      unlisten();
    },
  };
}

/** @type {(then: () => void) => number} */
function whenIdle(then) {
  return window.requestIdleCallback ? window.requestIdleCallback(then, { timeout: 500 }) : window.setTimeout(then, 200);
}

/** @type {(handle: number) => void} */
function stopIdle(handle) {
  if (window.cancelIdleCallback) window.cancelIdleCallback(handle);
  else window.clearTimeout(handle);
}

// Only places whose text is another than at the last time are looked at. Cards of one kind, such as columns, are as one.
/** @type {(marking: Marking) => void} */
function markAll(marking) {
  /** @type {Map<string, Set<string>>} */
  const kinds = new Map();
  for (const card of marking.root.querySelectorAll(".card")) {
    const marked = kinds.get(card.className) ?? new Set();
    kinds.set(card.className, marked);
    for (const term of card.querySelectorAll(".gloss")) marked.add(term.getAttribute("data-gloss") ?? "");
    for (const place of card.querySelectorAll(PLACES.join(","))) {
      if (marking.read.get(place) === place.textContent) continue;
      if (!place.closest(NOT_IN)) markPlace(place, marking, marked);
      marking.read.set(place, place.textContent ?? "");
    }
  }
}

/** @type {(place: Element, marking: Marking, marked: Set<string>) => void} */
function markPlace(place, { find }, marked) {
  for (const text of [...place.childNodes].filter((child) => child instanceof Text)) {
    const found = find(text.data).filter(
      (one) => !marked.has(one.key) && fits(place, text, one) && marked.add(one.key),
    );
    for (const { key, start, end } of found.reverse()) {
      const word = text.splitText(start);
      word.splitText(end - start);
      // no <button>: within a line of text it would be a box that neither breaks nor is cut off with the line
      const attrs = {
        class: "gloss",
        role: "button",
        tabindex: "0",
        "data-gloss": key,
        "aria-haspopup": "dialog",
        title: "",
      };
      const term = el("span", attrs);
      word.replaceWith(term);
      term.append(word);
    }
  }
}

// In a row of boxes a word set apart would be a box of its own, and the spaces around it would go: only a whole text is one already.
/** @type {(place: Element, text: Text, found: Found) => boolean} */
function fits(place, { data }, { start, end }) {
  return (start === 0 && end === data.length) || !/flex|grid/.test(getComputedStyle(place).display);
}

/** @type {(root: HTMLElement, card: Card, list: (key?: string) => void) => () => void} */
function listenToTerms(root, card, list) {
  const stop = new AbortController();
  const { signal } = stop;
  /** @type {HTMLElement | null} what was explained when the pointer went down */
  let before = null;
  let touched = false;
  /** @type {(event: Event) => void} */
  const press = (event) => {
    const term = termOf(event.target);
    if (!term) return;
    event.preventDefault(); // a label around it would move its control
    if (touched && before !== term) return showTerm(card, term);
    hideTerm(card);
    list(term.dataset.gloss);
  };
  root.addEventListener("pointerover", (event) => event.pointerType === "mouse" && point(card, event.target), {
    signal,
  });
  root.addEventListener("focusin", (event) => focusTerm(card, event), { signal });
  root.addEventListener("focusout", (event) => termOf(event.target) && hideTerm(card), { signal });
  root.addEventListener("click", press, { signal });
  root.addEventListener("keydown", (event) => pressKey(card, event, press), { signal });
  document.addEventListener(
    "pointerdown",
    (event) => {
      before = card.shown;
      touched = event.pointerType !== "mouse";
      const inside = event.composedPath().some((node) => node === card.node || (node instanceof Node && termOf(node)));
      if (!inside) hideTerm(card);
    },
    { signal },
  );
  document.addEventListener("keydown", (event) => event.key === "Escape" && hideTerm(card), { signal });
  document.addEventListener("pointerover", (event) => !event.composedPath().includes(root) && point(card, null), {
    signal,
  });
  window.addEventListener("scroll", (event) => event.target !== card.node && hideTerm(card), { signal, capture: true });
  window.addEventListener("resize", () => hideTerm(card), { signal });
  document.addEventListener(OPEN_GLOSSARY, () => list(), { signal });
  return () => {
    hideTerm(card);
    stop.abort();
  };
}

/** @type {(target: EventTarget | null) => HTMLElement | null} */
function termOf(target) {
  return target instanceof Element ? target.closest(".gloss") : null;
}

// A pointer that passes opens nothing, and one that leaves may come back, or go to the card and read on.
/** @type {(card: Card, target: EventTarget | null) => void} */
function point(card, target) {
  window.clearTimeout(card.timer);
  const term = termOf(target);
  if (term && term !== card.shown) card.timer = window.setTimeout(() => showTerm(card, term), OPEN_AFTER);
  const kept = term || (target instanceof Node && card.node.contains(target));
  if (!kept && card.shown) card.timer = window.setTimeout(() => hideTerm(card), CLOSE_AFTER);
}

/** @type {(card: Card, event: FocusEvent) => void} */
function focusTerm(card, { target, relatedTarget }) {
  const term = termOf(target);
  const fromDialog = relatedTarget instanceof Element && relatedTarget.closest("dialog");
  if (term?.matches(":focus-visible") && !fromDialog) showTerm(card, term);
}

/** @type {(card: Card, event: KeyboardEvent, press: (event: Event) => void) => void} */
function pressKey(card, event, press) {
  if (!termOf(event.target)) return;
  if (event.key === "Escape" && card.shown) event.stopPropagation();
  if (event.key === "Escape") hideTerm(card);
  if (event.key === "Enter" || event.key === " ") press(event);
}

/** @type {(card: Card, at: HTMLElement) => void} */
function showTerm(card, at) {
  window.clearTimeout(card.timer);
  const term = card.terms.get(at.dataset.gloss ?? "");
  if (!term || !at.isConnected) return;
  if (card.shown && card.shown !== at) hideTerm(card);
  const here = at.parentElement?.closest("[title]:not([title=''])")?.getAttribute("title");
  card.node.replaceChildren(
    el("b", { text: term.name }),
    el("p", { text: term.plain }),
    el("p", { class: "exact", text: term.exact }),
    term.formula ? el("p", { class: "mono", text: term.formula }) : "",
    here ? el("p", { class: "here", text: here }) : "",
    el("p", { class: "more-terms", text: card.str("glossary.press") }),
  );
  card.shown = at;
  setAttr(at, "aria-describedby", card.node.id);
  card.node.hidden = false; // a browser without popovers shows it all the same
  card.node.showPopover?.();
  placeCard(card.node, at);
  at.dispatchEvent(new CustomEvent(TERM_SHOWN, { bubbles: true }));
}

/** @type {(card: Card) => void} */
function hideTerm(card) {
  window.clearTimeout(card.timer);
  if (!card.shown) return;
  setAttr(card.shown, "aria-describedby", null);
  card.shown = null;
  card.node.hidePopover?.();
  card.node.hidden = true;
}

// Below the term where there is room, else above it; never beyond the window.
/** @type {(node: HTMLElement, at: HTMLElement) => void} */
function placeCard(node, at) {
  const [box, { width, height }] = [at.getBoundingClientRect(), node.getBoundingClientRect()];
  const [room, below] = [document.documentElement, box.bottom + GAP];
  const top = below + height <= room.clientHeight - MARGIN ? below : box.top - GAP - height;
  node.style.left = clamp(box.left, MARGIN, Math.max(MARGIN, room.clientWidth - width - MARGIN)) + "px";
  node.style.top = clamp(top, MARGIN, Math.max(MARGIN, room.clientHeight - height - MARGIN)) + "px";
}
