// The controls of the draw: temperature, top-k, top-p, the seed and a new one. They show what this browser holds, so a late picture never moves them.

import { el, fmtNumber, setAttr, setStyle, setText } from "./dom.js";

// The steps of top-k: fine where it matters; 0 = off.
export const TOP_K_STEPS = [0, 1, 2, 3, 5, 8, 10, 20, 40, 50, 100, 200, 500, 1000];

const SLIDER_CONTROLS = [
  {
    name: "temperature",
    testid: "temperature",
    min: 0,
    max: 2,
    step: 0.05,
    read: (x) => Math.round(x * 100) / 100,
    place: (value) => value,
  },
  {
    name: "top_k",
    testid: "top-k",
    min: 0,
    max: TOP_K_STEPS.length - 1,
    step: 1,
    read: (at) => TOP_K_STEPS[at],
    place: placeTopK,
  },
  {
    name: "top_p",
    testid: "top-p",
    min: 0.05,
    max: 1,
    step: 0.01,
    read: (x) => Math.round(x * 100) / 100,
    place: (value) => value,
  },
];

// update() brings the controls to api.view().
export function createSliders(host, api) {
  const sliders = SLIDER_CONTROLS.map((control) => sliderRow(control, api));
  const seed = seedRow(api);
  host.append(
    el(
      "div",
      { class: "sliders" },
      sliders.map((slider) => slider.node),
      seed.node,
    ),
  );
  const update = () => {
    const view = api.view();
    for (const slider of sliders) slider.show(view);
    seed.show(view);
  };
  return { update };
}

// The step of the slider that stands nearest to a value of top-k.
function placeTopK(value) {
  const distance = (step) =>
    step === 0 || value === 0 ? (step === value ? -1 : Infinity) : Math.abs(Math.log(step / value));
  return TOP_K_STEPS.reduce((best, step, at) => (distance(step) < distance(TOP_K_STEPS[best]) ? at : best), 0);
}

function sliderRow({ name, testid, min, max, step, read, place }, api) {
  const label = el("span", {});
  const output = el("output", { class: "mono" });
  const input = el("input", { type: "range", "data-testid": testid, min, max, step });
  const paint = (value) => {
    const written = sliderWords(name, value, api);
    setText(output, written);
    setAttr(input, "aria-valuetext", written);
    setStyle(input, "--filled", (((Number(input.value) - min) / (max - min)) * 100).toFixed(2) + "%");
  };
  input.addEventListener("input", () => {
    const value = read(Number(input.value));
    api.setView({ [name]: value });
    paint(value);
  });
  input.addEventListener("keydown", (event) => event.stopPropagation());
  const show = (view) => {
    setText(label, api.str(`panel.sliders.${name}`));
    setAttr(node, "title", api.str(`panel.sliders.${name}_hint`));
    const wanted = String(place(view[name]));
    if (Number(input.value) !== Number(wanted)) input.value = wanted;
    paint(view[name]);
  };
  const node = el("label", { class: "slider" }, label, input, output);
  return { node, show };
}

function sliderWords(name, value, api) {
  if (name === "temperature") return value === 0 ? api.str("panel.sliders.greedy") : value.toFixed(2);
  if (name === "top_k") return value === 0 ? api.str("panel.sliders.off") : fmtNumber(value);
  return value >= 1 ? api.str("panel.sliders.off") : value.toFixed(2);
}

// The seed, and a new one: with another seed every step has another u. Gives { node, show(view) }.
export function seedRow(api) {
  const label = el("span", {});
  const input = el("input", {
    type: "number",
    "data-testid": "seed",
    class: "mono",
    min: 0,
    max: 2147483647,
    step: 1,
    inputmode: "numeric",
  });
  const commit = () => {
    const value = Math.floor(Number(input.value));
    if (input.value !== "" && value >= 0 && value <= 2147483647) api.setView({ seed: value });
    else input.value = String(api.view().seed);
  };
  input.addEventListener("change", commit);
  input.addEventListener("keydown", (event) => event.stopPropagation());
  const reroll = el("button", {
    type: "button",
    class: "btn",
    "data-testid": "reroll",
    onclick: () => api.act({ kind: "reroll" }),
  });
  const typing = () => input.getRootNode().activeElement === input;
  const show = (view) => {
    setText(label, api.str("panel.sliders.seed"));
    setText(reroll, api.str("panel.sliders.reroll"));
    setAttr(reroll, "title", api.str("panel.sliders.reroll_hint"));
    setAttr(input, "title", api.str("panel.sliders.seed_hint"));
    if (!typing() && input.value !== String(view.seed)) input.value = String(view.seed);
  };
  const node = el("div", { class: "slider seed" }, el("label", {}, label, input), reroll);
  return { node, show };
}
