// AdaLoRA's budget while it shrinks: a strip with a column a moment and a row a layer, and beside it what each layer has left at the
// moment that the slider stands at. All moments are here already: moving through them asks nobody.

import { showBars } from "../../kit/bars.js";
import { el, fmtNumber, setAttr, setStyle, setText } from "../../kit/dom.js";
import { createHead, spacer } from "../../kit/panel.js";
import { createSlider } from "../../kit/slider.js";
import { signedWord } from "../../kit/theme.js";

/** @import { Page, Panel, Shown } from "./types.d.ts" */
/** @import { TuningHeader } from "./message.d.ts" */

const WHOLE = 9000; // ms that the film takes
const LEAST = 60; // ms that a moment stands
const SHAPE = { tag: /** @type {const} */ ("div"), attrs: { "data-testid": "left" } };

/** @type {(host: HTMLElement, api: Page) => Panel & { stop: () => void }} */
export function createFilm(host, api) {
  /** @type {{ picture: Shown | null, job: string, at: number, last: number, timer: ReturnType<typeof setInterval> | undefined }} */
  const state = { picture: null, job: "", at: 0, last: 0, timer: undefined };
  const canvas = el("canvas", { class: "film-strip", role: "img", "data-testid": "film-strip" });
  const [here, kept] = ["film-here", "film-kept"].map((name) => el("i", { class: name }));
  const bars = el("div", { class: "film-bars" });
  const words = el("p", { class: "film-said", "data-testid": "film-said" });
  const slider = createSlider({
    testid: "film-at",
    label: api.str("tuning.film_slider"),
    range: { min: 0, max: 1, step: 1 },
    write: (at) => stepSaid(state.picture?.header, at ?? 0, api),
    input: (at) => {
      stop();
      show(at);
    },
  });
  const play = el("button", {
    type: "button",
    class: "btn primary",
    "data-testid": "film-play",
    onclick: () => (state.timer ? stop() : start()),
  });
  const body = el(
    "div",
    { class: "film-body" },
    el("div", { class: "film-picture" }, canvas, kept, here),
    bars,
    el("div", { class: "film-bar" }, play, el("span", { class: "slider" }, slider.input), slider.output),
    words,
  );
  const more = api.menu({
    title: () => api.str("tuning.film"),
    reading: () => state.picture?.header.film_reading ?? "",
    python: () => state.picture?.header.film_python,
    table: () => filmTable(state.picture?.header, api),
    picture: () => body,
  });
  host.append(createHead(api.str("tuning.film"), spacer(), more), body);

  /** @type {(at: number) => void} */
  function show(at) {
    const header = state.picture?.header;
    if (!header?.film.length) return;
    state.at = Math.min(Math.max(0, at), state.last);
    slider.show(state.at);
    setStyle(here, "left", share(state.at, header.film.length));
    showMoment(bars, words, header, state.at, api);
  }
  function stop() {
    clearInterval(state.timer);
    state.timer = undefined;
    label();
  }
  function start() {
    if (state.at >= state.last) show(0);
    state.timer = setInterval(() => (state.at >= state.last ? stop() : show(state.at + 1)), pace(state.last));
    label();
  }
  function label() {
    setText(play, api.str(state.timer ? "tuning.film_pause" : "tuning.film_play"));
    setAttr(play, "aria-pressed", String(Boolean(state.timer)));
  }
  label();
  return {
    stop,
    update: (picture) => {
      const { header } = picture;
      const atEnd = state.at >= state.last || header.job !== state.job;
      state.picture = picture;
      setAttr(host, "hidden", !header.film.length);
      if (!header.film.length) return stop();
      if (header.job !== state.job) stop();
      state.job = header.job;
      state.last = header.film.length - 1;
      slider.span(0, Math.max(1, state.last), 1);
      setAttr(canvas, "aria-label", header.film_reading);
      paint(canvas, picture);
      setAttr(kept, "hidden", header.film_kept < 0);
      setAttr(kept, "title", api.str("tuning.film_kept", { step: fmtNumber(header.film_kept) }));
      setStyle(kept, "left", share(placeOf(header), header.film.length));
      show(atEnd && !state.timer ? state.last : state.at);
    },
  };
}

/** @type {(at: number, count: number) => string} */
function share(at, count) {
  return `${((at + 0.5) / Math.max(1, count)) * 100}%`;
}

/** @type {(last: number) => number} */
function pace(last) {
  return Math.max(LEAST, WHOLE / Math.max(1, last));
}

// The moment that holds at the step whose numbers are kept.
/** @type {(header: TuningHeader) => number} */
function placeOf({ film, film_kept }) {
  return Math.max(0, film.filter(([step]) => step <= film_kept).length - 1);
}

/** @type {(header: TuningHeader | undefined, at: number, api: Page) => string} */
function stepSaid(header, at, api) {
  const step = header?.film[at]?.[0];
  return step === undefined ? "" : api.str("tuning.film_step", { step: fmtNumber(step) });
}

/** @type {(bars: HTMLElement, words: HTMLElement, header: TuningHeader, at: number, api: Page) => void} */
function showMoment(bars, words, header, at, api) {
  const left = header.film[at][1];
  const full = header.film_full;
  const rows = left.map((n, layer) => ({
    p: n,
    word: api.str("tuning.layer", { layer }),
    number: `${n} / ${full}`,
  }));
  showBars(bars, rows, full, SHAPE);
  const sum = left.reduce((total, n) => total + n, 0);
  setText(words, api.str("tuning.film_left", { left: fmtNumber(sum), count: fmtNumber(full * left.length) }));
}

// One pixel a moment and layer; the style sheet makes them larger.
/** @type {(canvas: HTMLCanvasElement, picture: Shown) => void} */
function paint(canvas, { header, theme }) {
  const { film, film_full } = header;
  const layers = film[0][1].length;
  canvas.width = film.length;
  canvas.height = layers;
  const context = canvas.getContext("2d");
  if (!context) return;
  const image = context.createImageData(film.length, layers);
  const words = new Uint32Array(image.data.buffer);
  film.forEach(([, left], at) => {
    left.forEach((n, layer) => {
      words[layer * film.length + at] = signedWord(theme, n, film_full);
    });
  });
  context.putImageData(image, 0, 0);
}

/** @type {(header: TuningHeader | undefined, api: Page) => { columns: string[], rows: number[][] }} */
function filmTable(header, api) {
  const film = header?.film ?? [];
  const layers = (film[0]?.[1] ?? []).map((_, layer) => api.str("tuning.layer", { layer }));
  return { columns: [api.str("tuning.column.step"), ...layers], rows: film.map(([step, left]) => [step, ...left]) };
}
