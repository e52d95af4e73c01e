// The filters as a row of small controls: each is switched on and off by its name, and set by its slider. They show what this
// browser holds, so a late picture never moves them.

import { el, fmtNumber, setAttr, setClass, slots } from "../../kit/dom.js";
import { fmtSetting } from "../../kit/numbers.js";
import { createSlider } from "../../kit/slider.js";
import { drawSeed } from "../../kit/sliders.js";

/** @import { Slider, StepsHeader } from "./message.d.ts" */
/** @import { Page } from "./types.d.ts" */
/** @import { View } from "../../types.d.ts" */

// update(header) makes a control for each of header.filters and brings them to api.view().
/** @type {(host: HTMLElement, api: Page) => { update: (header: StepsHeader) => void }} */
export function createFilters(host, api) {
  const rack = el("div", { class: "filters", role: "group", "aria-label": api.str("steps.filters") });
  const list = el("div", { class: "filter-list" });
  const seed = drawSeed(api);
  rack.append(list, seed.node);
  host.append(rack);
  /** @type {ReturnType<typeof filterControl>[]} */
  const controls = [];
  return {
    update: ({ filters }) => {
      slots(list, filters.length, (i) => {
        controls[i] = filterControl(filters[i], api);
        return controls[i].node;
      });
      const view = api.view();
      for (const control of controls) control.show(view);
      seed.show(view);
    },
  };
}

/** @type {(filter: Slider, api: Page) => { node: HTMLElement, show: (view: View) => void }} */
function filterControl(filter, api) {
  const { name, low, high, step, start } = filter;
  const off = filter.off ?? 0;
  const title = api.str("strategy.parameter." + name);
  const words = el("span", { class: "filter-name", text: title });
  /** @param {number} value */
  const set = (value) => {
    api.setView({ [name]: value });
    paint(value);
  };
  const { input, output, show } = createSlider({
    testid: "set-" + name,
    label: title,
    range: { min: low, max: high, step },
    write: (value) => filterWords(name, value ?? off, off, api),
    input: set,
  });
  const face = el(
    "button",
    {
      type: "button",
      class: "filter-switch",
      "data-testid": "filter-" + name,
      "aria-label": api.str("steps.switch", { filter: title }),
    },
    el("i", { "aria-hidden": "true" }),
    words,
    output,
  );
  const node = el("div", { class: "filter", title: api.str("strategy.parameter_hint." + name) }, face, input);
  /** @param {number} value */
  const paint = (value) => {
    setAttr(face, "aria-pressed", String(value !== off));
    setClass(node, "on", value !== off);
  };
  face.addEventListener("click", () => {
    /** @type {Record<string, unknown>} */
    const view = api.view();
    const value = view[name] === off ? start : off;
    set(value);
    show(value);
  });
  return {
    node,
    show: (view) => {
      show(Number(view[name]));
      paint(Number(view[name]));
    },
  };
}

/** @type {(name: string, value: number, off: number, api: Page) => string} */
function filterWords(name, value, off, api) {
  if (value === off) return api.str("panel.sliders.off");
  if (name === "temperature" && value === 0) return api.str("panel.sliders.greedy");
  if (Number.isInteger(value) && name !== "temperature") return fmtNumber(value);
  return fmtSetting(value);
}
