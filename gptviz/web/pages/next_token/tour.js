// The tour of a first visit: eight cards that each point at a part of the page, say one thing and ask to do it. The page goes on as ever
// meanwhile: a card only watches what is done, and is done itself when the learner did it. It is offered beside the examples, quietly;
// it can wait, is found again after a reload, and once refused is not offered again.

import { el, setAttr, setClass, setText } from "../../kit/dom.js";
import { TERM_SHOWN } from "../../kit/glossary.js";
import { cameAlone, markTab, recallTour, rememberTour, START_TOUR } from "../../kit/tour_memory.js";
import { createTourCard } from "./tour_card.js";

/** @import { Base, Shown, Tour, TourCard, TourState, TourStep } from "./types.d.ts" */

/** @type {readonly TourStep[]} */
const STEPS = [
  {
    name: "type",
    at: ".prompt-row",
    around: ".prompt-card",
    done: (now, then) => now.text !== then.text && now.text.trim() !== "",
  },
  {
    name: "token",
    at: ".chips",
    around: ".chips-card",
    press: ".chips .chip",
    done: (now, then) => now.pos !== null && now.pos !== then.pos,
  },
  {
    name: "cell",
    at: ".att-box",
    around: ".attention-card",
    press: ".att-box canvas",
    done: (now, then) => now.key !== null && (now.key !== then.key || now.pos !== then.pos),
  },
  { name: "head", at: ".mosaic-box", around: ".mosaic-card", done: (now, then) => now.head !== then.head },
  {
    name: "temperature",
    at: '.slider:has([data-testid="temperature"])',
    around: ".distribution-card",
    done: (now, then) => now.temperature !== then.temperature,
  },
  { name: "step", at: '[data-testid="step"]', last: true, done: (now, then) => now.at > then.at },
  {
    name: "choose",
    at: ".bars",
    around: ".distribution-card",
    last: true,
    done: (now, then) => now.chosen > then.chosen,
  },
  { name: "term", at: ".kpis", around: ".distribution-card", end: true, heard: TERM_SHOWN, done: () => false },
];
const ALONE = cameAlone(); // asked when the page is opened: soon the address says what is on the screen

// host: the prompt's card, beside whose examples the tour is offered.
/** @type {(host: HTMLElement, api: Base) => Tour} */
export function createTour(host, api) {
  /** @type {TourState} */
  const state = { at: null, since: null, done: false };
  const card = createTourCard(host, api, STEPS.length, {
    next: () => begin(tour, (state.at ?? 0) + 1),
    later: () => end(tour, { at: state.at ?? 0, waits: true }),
    refuse: () => end(tour, { at: 0, over: true }),
  });
  const offer = createOffer(host, api, {
    accept: () => begin(tour, recallTour()?.at ?? 0),
    refuse: () => end(tour, { at: 0, over: true }),
  });
  const tour = { api, state, card, offer, seen: false };
  const unlisten = listenAll(tour);
  return {
    update: (picture) => {
      if (!tour.seen) arrive(tour, picture);
      tour.seen = true;
      watch(tour);
    },
    stop: () => {
      unlisten();
      card.hide();
    },
  };
}

/** @typedef {{ api: Base, state: TourState, card: TourCard, offer: { show: (at: number | null) => void }, seen: boolean }} Running */

// At the first picture: go on where it was, or offer it. On the projector, and where somebody was given a link, neither.
/** @type {(tour: Running, picture: Shown) => void} */
function arrive(tour, { header }) {
  const standing = recallTour();
  if (!ALONE && !cameAlone()) return;
  if (standing?.over) return;
  if (standing && !standing.waits) begin(tour, standing.at);
  else if (!header.projector) {
    markTab();
    tour.offer.show(standing?.at ?? 0);
  }
}

/** @type {(tour: Running, at: number) => void} */
function begin(tour, at) {
  const { api, state, card, offer } = tour;
  if (at >= STEPS.length) return end(tour, { at: 0, over: true });
  Object.assign(state, { at, since: null, done: false });
  rememberTour({ at });
  offer.show(null);
  if (STEPS[at].last && api.view().pos !== null) api.setView({ pos: null, key: null }); // only there a token can be added
  card.show(STEPS[at], at);
  watch(tour);
}

/** @type {(tour: Running, standing: { at: number, waits?: boolean, over?: boolean }) => void} */
function end({ state, card, offer }, standing) {
  rememberTour(standing);
  state.at = null;
  card.hide();
  offer.show(standing.waits ? standing.at : null);
}

// What is there now beside what was there when the card came. Another text begins a card's watch anew, unless it was asked for.
/** @type {(tour: Running) => void} */
function watch({ api, state, card }) {
  const picture = api.picture();
  if (state.at === null || !picture) return;
  card.place();
  if (state.done) return;
  const [step, now] = [STEPS[state.at], standing(picture, api)];
  if (!state.since || (now.text !== state.since.text && step.name !== "type")) state.since = now;
  else if (step.done(now, state.since)) finish(state, card);
}

/** @type {(picture: Shown, api: Base) => NonNullable<TourState["since"]>} */
function standing({ header }, api) {
  const { pos, key, layer, head, temperature } = api.view();
  const { at, line } = header.path;
  const chosen = line.filter(({ how }) => how === "chosen").length;
  return { text: header.text, pos, key, head: `${layer}.${head}`, temperature, at, chosen };
}

/** @type {(state: TourState, card: TourCard) => void} */
function finish(state, card) {
  if (state.at === null || state.done) return;
  state.done = true;
  card.praise(STEPS[state.at]);
}

/** @type {(tour: Running) => () => void} */
function listenAll(tour) {
  const { api, state, card } = tour;
  const stop = new AbortController();
  /** @param {Event} event */
  const pressed = (event) => {
    const wanted = state.at === null ? null : STEPS[state.at].press;
    if (wanted && event.target instanceof Element && event.target.closest(wanted)) finish(state, card);
  };
  /** @param {Event} event */
  const heard = (event) => state.at !== null && STEPS[state.at].heard === event.type && finish(state, card);
  /** @param {Event} event */
  const asked = (event) => {
    event.preventDefault(); // it is taken here
    begin(tour, 0);
  };
  const moved = () => state.at !== null && card.place();
  const { signal } = stop;
  api.root.addEventListener("click", pressed, { signal });
  api.root.addEventListener(TERM_SHOWN, heard, { signal });
  document.addEventListener(START_TOUR, asked, { signal });
  window.addEventListener("scroll", moved, { signal, capture: true, passive: true });
  for (const whole of [window, window.visualViewport]) whole?.addEventListener("resize", moved, { signal });
  return () => stop.abort();
}

// Offered as one more thing to try; `show` says at which card it would go on, null takes it away.
/** @type {(host: HTMLElement, api: Base, deps: { accept: () => void, refuse: () => void }) => { show: (at: number | null) => void }} */
function createOffer(host, api, { accept, refuse }) {
  const start = el("button", { type: "button", class: "tour-start", "data-testid": "tour-offer", onclick: accept });
  const never = el("button", {
    type: "button",
    class: "tour-never",
    "data-testid": "tour-refuse",
    "aria-label": api.str("tour.never"),
    title: api.str("tour.never"),
    text: "×",
    onclick: refuse,
  });
  const node = el("span", { class: "tour-offer", hidden: true }, start, never);
  host.querySelector(".try")?.after(node);
  return {
    show: (at) => {
      setAttr(node, "hidden", at === null);
      setText(start, at ? api.str("tour.resume", { at: at + 1, count: STEPS.length }) : api.str("tour.offer"));
      setClass(node, "resume", Boolean(at));
    },
  };
}
