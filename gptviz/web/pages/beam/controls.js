// The settings of the search: sliders and choices. They show what this browser holds, so a late picture never moves them.

import { el, fmtNumber, setAttr, setText, slots } from "../../kit/dom.js";
import { createSlider, sliderRow } from "../../kit/slider.js";

/** @import { Page } from "./types.d.ts" */
/** @import { Range } from "../../kit/slider.js" */
/** @import { View } from "../../types.d.ts" */

const BEAM_SLIDERS = {
  width: { min: 1, max: 16, step: 1, digits: 0 },
  length_penalty: { min: -2, max: 3, step: 0.1, digits: 1 },
  diversity_penalty: { min: 0, max: 5, step: 0.1, digits: 1 },
  tokens: { min: 3, max: 30, step: 1, digits: 0 },
};
const STOPPING_CHOICES = ["false", "true", "never"];

// Gives { node, update() }.
/** @type {(api: Page) => { node: HTMLElement, update: () => void }} */
export function createControls(api) {
  const names = /** @type {(keyof typeof BEAM_SLIDERS)[]} */ (Object.keys(BEAM_SLIDERS));
  const sliders = names.map((name) => beamSlider(name, BEAM_SLIDERS[name], api));
  const [width, length, diversity, tokens] = sliders;
  const groups = beamChoice("n_groups", api, Number, (value) => String(value));
  const stopping = beamChoice("early_stopping", api, String, (value) =>
    api.str("strategy.choice.early_stopping." + value),
  );
  const node = el(
    "section",
    { class: "card settings-card", "aria-label": api.str("beam.settings") },
    width.node,
    length.node,
    tokens.node,
    stopping.node,
    groups.node,
    diversity.node,
  );
  return {
    node,
    update: () => {
      const view = api.view();
      for (const slider of sliders) slider.show(view[slider.name]);
      groups.show(view.n_groups, divisors(view.width));
      stopping.show(view.early_stopping, STOPPING_CHOICES);
      diversity.enable(view.n_groups > 1);
    },
  };
}

/** @type {(width: number) => number[]} */
function divisors(width) {
  return Array.from({ length: width }, (_, i) => i + 1).filter((n) => width % n === 0);
}

/** @type {(name: string, api: Page) => string} */
function settingName(name, api) {
  return api.str(name === "tokens" ? "beam.tokens" : "strategy.parameter." + name);
}

/** @type {(name: string, api: Page) => string} */
function settingHint(name, api) {
  return api.str(name === "tokens" ? "beam.tokens_hint" : "strategy.parameter_hint." + name);
}

/** @type {(name: keyof typeof BEAM_SLIDERS, range: Range & { digits: number }, api: Page) => { name: keyof typeof BEAM_SLIDERS, node: HTMLElement, show: (value: number) => void, enable: (on: boolean) => void }} */
function beamSlider(name, { min, max, step, digits }, api) {
  const slider = createSlider({
    testid: name,
    range: { min, max, step },
    read: (place) => Number(place.toFixed(digits)),
    write: (value) => fmtNumber(value, digits),
    input: (value) =>
      api.setView({ [name]: value, step: 0, node: -1, ...(name === "width" ? fittingGroups(value, api) : {}) }),
  });
  const node = sliderRow(settingName(name, api), settingHint(name, api), slider);
  /** @param {boolean} on */
  const enable = (on) => {
    slider.enable(on);
    setAttr(node, "data-off", on ? null : "");
  };
  return { name, node, show: slider.show, enable };
}

// Groups must split the width evenly; Python does the same.
/** @type {(width: number, api: Page) => View} */
function fittingGroups(width, api) {
  const wanted = api.view().n_groups;
  return {
    n_groups: divisors(width)
      .filter((n) => n <= wanted)
      .at(-1),
  };
}

/** @type {(name: string, api: Page, read: (text: string) => unknown, say: (value: unknown) => string) => { node: HTMLElement, show: (value: unknown, choices: unknown[]) => void }} */
function beamChoice(name, api, read, say) {
  const select = el("select", { "data-testid": name });
  select.addEventListener("change", () => api.setView({ [name]: read(select.value), step: 0, node: -1 }));
  select.addEventListener("keydown", (event) => event.stopPropagation());
  const node = el(
    "label",
    { class: "slider choice", title: settingHint(name, api) },
    el("span", { text: settingName(name, api) }),
    select,
  );
  /** @param {unknown} value @param {unknown[]} choices */
  const show = (value, choices) => {
    const made = slots(select, choices.length, () => el("option"));
    choices.forEach((choice, i) => {
      setAttr(made[i], "value", String(choice));
      setText(made[i], say(choice));
    });
    if (select.value !== String(value)) select.value = String(value);
  };
  return { node, show };
}
