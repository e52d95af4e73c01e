// The controls of the draw: temperature, top-k, top-p, the seed and a new one.

import { el, fmtNumber } from "./dom.js";
import { createSeed } from "./number.js";
import { createSlider, sliderRow } from "./slider.js";

/** @import { Range } from "./slider.js" */
/** @import { Api, Say } from "../types.d.ts" */
/** @typedef {{ testid: string, range: Range, read: (place: number) => number, place?: (value: number) => number }} Control */

// The steps of top-k: fine where it matters; 0 = off.
export const TOP_K_STEPS = [0, 1, 2, 3, 5, 8, 10, 20, 40, 50, 100, 200, 500, 1000];

/** @type {Record<string, Control>} */
const CONTROLS = {
  temperature: { testid: "temperature", range: { min: 0, max: 2, step: 0.05 }, read: hundredths },
  top_k: {
    testid: "top-k",
    range: { min: 0, max: TOP_K_STEPS.length - 1, step: 1 },
    read: (place) => TOP_K_STEPS[place],
    place: placeTopK,
  },
  top_p: { testid: "top-p", range: { min: 0.05, max: 1, step: 0.01 }, read: hundredths },
};

// update() brings the controls to api.view().
/** @type {(host: HTMLElement, api: Api) => { update: () => void }} */
export function createSliders(host, api) {
  const { str } = api;
  const sliders = Object.entries(CONTROLS).map(([name, control]) => ({
    name,
    ...createSlider({
      ...control,
      write: (value) => sliderWords(name, value ?? 0, str),
      input: (value) => api.setView({ [name]: value }),
    }),
  }));
  const seed = drawSeed(api);
  const rows = sliders.map((one) =>
    sliderRow(str(`panel.sliders.${one.name}`), str(`panel.sliders.${one.name}_hint`), one),
  );
  host.append(el("div", { class: "sliders" }, rows, seed.node));
  const update = () => {
    const view = api.view();
    for (const { name, show } of sliders) show(Number(view[name]));
    seed.show(view);
  };
  return { update };
}

// The seed of the draws along a path.
/** @param {Api} api */
export function drawSeed(api) {
  return createSeed(api, {
    label: api.str("panel.sliders.seed"),
    inputHint: api.str("panel.sliders.seed_hint"),
    again: api.str("panel.sliders.reroll"),
    againHint: api.str("panel.sliders.reroll_hint"),
  });
}

/** @type {(place: number) => number} */
function hundredths(place) {
  return Math.round(place * 100) / 100;
}

// The step of the slider that stands nearest to a value of top-k.
/** @type {(value: number) => number} */
function placeTopK(value) {
  /** @param {number} step */
  const distance = (step) =>
    step === 0 || value === 0 ? (step === value ? -1 : Infinity) : Math.abs(Math.log(step / value));
  return TOP_K_STEPS.reduce((best, step, at) => (distance(step) < distance(TOP_K_STEPS[best]) ? at : best), 0);
}

/** @type {(name: string, value: number, str: Say) => string} */
function sliderWords(name, value, str) {
  if (name === "temperature") return value === 0 ? str("panel.sliders.greedy") : fmtNumber(value, 2);
  if (name === "top_k") return value === 0 ? str("panel.sliders.off") : fmtNumber(value);
  return value >= 1 ? str("panel.sliders.off") : fmtNumber(value, 2);
}
