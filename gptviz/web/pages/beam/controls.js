// The settings of the search: sliders and choices. They show what this browser holds, so a late picture never moves them.

import { el, fmtNumber, setAttr, setText, slots } from "../../kit/dom.js";
import { createSlider, sliderRow } from "../../kit/slider.js";

/** @import { Page } from "./types.d.ts" */
/** @import { Range } from "../../kit/slider.js" */
/** @import { View } from "../../types.d.ts" */

const BEAM_SLIDERS = { width: 0, length_penalty: 1, diversity_penalty: 1, tokens: 0 }; // with so many decimals
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
      for (const { name, low, high, step } of api.picture()?.header.sliders ?? [])
        sliders.find((slider) => slider.name === name)?.span(low, high, step);
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

// Its ends are those of Python, which come with the picture.
/** @type {(name: keyof typeof BEAM_SLIDERS, digits: number, api: Page) => { name: keyof typeof BEAM_SLIDERS, node: HTMLElement, show: (value: number) => void, span: (low: number, high: number, step: number) => void, enable: (on: boolean) => void }} */
function beamSlider(name, digits, api) {
  const slider = createSlider({
    testid: name,
    range: { min: 0, max: 1, step: 1 },
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
  return { name, node, show: slider.show, span: slider.span, enable };
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
