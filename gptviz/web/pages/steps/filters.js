// The filters as a row of small controls: each is switched on and off by its name, and set by its slider. They show what this
// browser holds, so a late picture never moves them.

import { seedRow } from "../../kit/sliders.js";
import { el, fmtNumber, setAttr, setClass, setStyle, setText, slots } from "../../kit/dom.js";

// update(header) makes a control for each of header.filters and brings them to api.view().
export function createFilters(host, api) {
  const rack = el("div", { class: "filters", role: "group", "aria-label": api.str("steps.filters") });
  const list = el("div", { class: "filter-list" });
  const seed = seedRow(api);
  rack.append(list, seed.node);
  host.append(rack);
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

function filterControl(filter, api) {
  const { name, low, high, step, off, on } = filter;
  const title = api.str("strategy.parameter." + name);
  const words = el("span", { class: "filter-name", text: title });
  const output = el("output", { class: "mono" });
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
  const input = el("input", {
    type: "range",
    min: low,
    max: high,
    step,
    "aria-label": title,
    "data-testid": "set-" + name,
  });
  const node = el("div", { class: "filter", title: api.str("strategy.parameter_hint." + name) }, face, input);
  const paint = (value) => {
    const written = filterWords(name, value, off, api);
    setText(output, written);
    setAttr(input, "aria-valuetext", written);
    setAttr(face, "aria-pressed", String(value !== off));
    setClass(node, "on", value !== off);
    setStyle(input, "--filled", (((Number(input.value) - low) / (high - low)) * 100).toFixed(2) + "%");
  };
  const set = (value) => {
    api.setView({ [name]: value });
    paint(value);
  };
  face.addEventListener("click", () => set(api.view()[name] === off ? on : off));
  input.addEventListener("input", () => set(Number(input.value)));
  input.addEventListener("keydown", (event) => event.stopPropagation());
  const show = (view) => {
    if (Number(input.value) !== view[name]) input.value = String(view[name]);
    paint(view[name]);
  };
  return { node, show };
}

function filterWords(name, value, off, api) {
  if (value === off) return api.str("panel.sliders.off");
  if (name === "temperature" && value === 0) return api.str("panel.sliders.greedy");
  if (Number.isInteger(value) && name !== "temperature") return fmtNumber(value);
  return String(Number(value.toFixed(4)));
}
