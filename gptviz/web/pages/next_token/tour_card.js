// A card of the tour: beside what it speaks of, never on it; on a narrow screen at the foot of the window, with what it speaks of
// scrolled above it. It takes no focus: it lies behind the prompt's buttons for the keyboard, and is read out as it changes.

import { clamp, el, setAttr, setClass, setStyle, setText } from "../../kit/dom.js";

/** @import { Base, Box, TourCard, TourStep } from "./types.d.ts" */

const GAP = 12; // px between the card and what it speaks of
const [EDGE, HEADER] = [8, 64]; // px from the window's edges; the header stays free
const NARROW = 700; // px below which there is nothing beside anything

/** @type {(host: HTMLElement, api: Base, count: number, deps: { next: () => void, later: () => void, refuse: () => void }) => TourCard} */
export function createTourCard(host, api, count, { next, later, refuse }) {
  const number = el("span", { class: "tour-count" });
  /** @type {(name: string, attrs: Record<string, unknown>) => HTMLButtonElement} */
  const button = (name, attrs) => el("button", { type: "button", "data-testid": "tour-" + name, ...attrs });
  const wait = button("later", {
    class: "more",
    "aria-label": api.str("tour.later"),
    title: api.str("tour.later"),
    text: "×",
  });
  const stop = button("end", { class: "link", text: api.str("tour.end") });
  const on = button("next", { class: "btn" });
  const [ask, seen] = [el("p", { class: "tour-ask" }), el("p", { class: "tour-seen" })];
  const said = el("div", { role: "status" }, ask, seen);
  const node = el(
    "div",
    {
      class: "tour",
      popover: "manual",
      role: "region",
      "aria-label": api.str("tour.title"),
      "data-testid": "tour",
      hidden: true,
    },
    el("div", { class: "tour-top" }, number, wait),
    said,
    el("div", { class: "tour-foot" }, stop, on),
  );
  for (const [made, act] of /** @type {const} */ ([
    [wait, later],
    [stop, refuse],
    [on, next],
  ]))
    made.addEventListener("click", act);
  node.addEventListener("keydown", (event) => event.key === "Escape" && later());
  host.append(node);
  /** @type {{ step: TourStep | null, at: Element | null }} */
  const shown = { step: null, at: null };
  const place = () => shown.step && placeBeside(node, api.root, shown.step);
  /** @param {Element | null} at */
  const point = (at) => {
    if (shown.at) setClass(shown.at, "tour-at", false);
    shown.at = at;
    if (at) setClass(at, "tour-at", true);
  };
  return {
    show: (step, at) => {
      shown.step = step;
      setText(number, api.str("tour.count", { at: at + 1, count }));
      setText(ask, api.str("tour.do." + step.name));
      setText(on, api.str("tour.skip"));
      setAttr(node, "data-card", step.name);
      setClass(node, "done", false);
      setClass(on, "primary", false);
      stop.hidden = false;
      point(api.root.querySelector(step.at));
      node.hidden = false; // a browser without popovers shows it all the same
      node.showPopover?.();
      keepRoom(node, seen, api.str("tour.seen." + step.name));
      bringIntoView(node, shown.at, step);
      place();
    },
    praise: (step) => {
      setText(seen, api.str("tour.seen." + step.name));
      setText(on, api.str(step.end ? "tour.finish" : "tour.next"));
      stop.hidden = Boolean(step.end);
      setClass(node, "done", true);
      setClass(on, "primary", true);
      place();
    },
    hide: () => {
      shown.step = null;
      point(null);
      node.hidePopover?.();
      node.hidden = true;
    },
    place,
  };
}

// At the foot of a narrow window a card is as high from the start as it will be when it is done: else it would grow over what it
// speaks of.
/** @type {(node: HTMLElement, seen: HTMLElement, text: string) => void} */
function keepRoom(node, seen, text) {
  setStyle(node, "min-height", "0");
  setText(seen, text);
  const whole = node.offsetHeight;
  setText(seen, "");
  if (window.innerWidth < NARROW) setStyle(node, "min-height", whole + "px");
}

// Only when a card comes: what the learner scrolls stays where they put it. In a narrow window the place lies just above the card, with
// what belongs to it above that.
/** @type {(node: HTMLElement, at: Element | null, step: TourStep) => void} */
function bringIntoView(node, at, step) {
  if (!(at instanceof HTMLElement)) return;
  const narrow = window.innerWidth < NARROW;
  const below = narrow ? node.offsetHeight + GAP + EDGE : EDGE;
  setStyle(at, "scroll-margin", `${HEADER + EDGE}px 0 ${below}px`);
  const calm = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
  const block = narrow && step.around ? "end" : "nearest";
  at.scrollIntoView({ block, inline: "nearest", behavior: calm ? "auto" : "smooth" });
}

/** @type {(node: HTMLElement, root: HTMLElement, step: TourStep) => void} */
function placeBeside(node, root, { at, around }) {
  const view = window.visualViewport;
  const [left, top] = [view?.offsetLeft ?? 0, view?.offsetTop ?? 0];
  const [width, height] = [document.documentElement.clientWidth, view?.height ?? window.innerHeight];
  const room = { left: left + EDGE, top: top + HEADER, right: left + width - EDGE, bottom: top + height - EDGE };
  const size = { width: node.offsetWidth, height: node.offsetHeight };
  const boxes = [around, at].flatMap((selector) => boxOf(selector ? root.querySelector(selector) : null));
  const place = placeOf(size, boxes, room, width < NARROW);
  setStyle(node, "left", `${Math.round(place.left)}px`);
  setStyle(node, "top", `${Math.round(place.top)}px`);
}

/** @type {(node: Element | null) => Box[]} */
function boxOf(node) {
  const box = node?.getBoundingClientRect();
  return box?.width && box.height ? [box] : [];
}

// Beside the first box where there is room, else the next; the last one it must not cover. Else at the foot or the top of the room.
/** @type {(size: { width: number, height: number }, boxes: Box[], room: Box, narrow: boolean) => { left: number, top: number }} */
export function placeOf({ width, height }, boxes, room, narrow) {
  const last = boxes.at(-1);
  const [right, bottom] = [room.right - width, room.bottom - height];
  for (const box of narrow ? [] : boxes) {
    const across = clamp((box.left + box.right - width) / 2, room.left, Math.max(room.left, right));
    const down = clamp(((last ?? box).top + (last ?? box).bottom - height) / 2, room.top, Math.max(room.top, bottom));
    const found = [
      { left: box.right + GAP, top: down },
      { left: box.left - GAP - width, top: down },
      { left: across, top: box.bottom + GAP },
      { left: across, top: box.top - GAP - height },
    ].find((place) => place.left >= room.left && place.left <= right && place.top >= room.top && place.top <= bottom);
    if (found) return found;
  }
  const left = clamp((room.left + right) / 2, room.left, Math.max(room.left, right));
  /** @param {number} top */
  const covered = (top) => (last ? Math.max(0, Math.min(top + height, last.bottom) - Math.max(top, last.top)) : 0);
  return { left, top: covered(bottom) <= covered(room.top) ? bottom : room.top };
}
