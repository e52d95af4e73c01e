// The one box for a number that is typed, and the seed with a button for a new one.

import { el, setAttr } from "./dom.js";

/** @import { Api, View } from "../types.d.ts" */
/** @typedef {{ input: HTMLInputElement, show: (view: View) => void, bound: (low: number, high: number) => void }} NumberBox */
/** @typedef {{ label: string, hint?: string, inputHint?: string, again: string, againHint?: string }} SeedWords */

export const LARGEST_SEED = 2147483647;

// `name` is the control that it sets; while somebody types in it, nothing is put in.
/** @type {(name: string, api: Api, attrs?: { title?: string }) => NumberBox} */
export function createNumber(name, api, attrs) {
  const input = el("input", {
    type: "number",
    class: "mono",
    step: 1,
    inputmode: "numeric",
    "data-testid": name,
    ...attrs,
  });
  input.addEventListener("change", () => {
    const value = Math.floor(Number(input.value));
    const fits = input.value !== "" && value >= Number(input.min) && value <= Number(input.max);
    if (fits) api.setView({ [name]: value });
    else input.value = String(api.view()[name]);
  });
  input.addEventListener("keydown", (event) => event.key !== "Escape" && event.stopPropagation());
  return {
    input,
    show: (view) => {
      const typing = /** @type {ShadowRoot} */ (input.getRootNode()).activeElement === input;
      if (!typing && input.value !== String(view[name])) input.value = String(view[name]);
    },
    bound: (low, high) => {
      setAttr(input, "min", low);
      setAttr(input, "max", high);
    },
  };
}

// With another seed every step has another u. Gives { node, show(view) }.
/** @type {(api: Api, words: SeedWords) => { node: HTMLElement, show: (view: View) => void }} */
export function createSeed(api, { label, hint, inputHint, again, againHint }) {
  const { input, show, bound } = createNumber("seed", api, { title: inputHint });
  bound(0, LARGEST_SEED);
  const reroll = el("button", {
    type: "button",
    class: "btn",
    "data-testid": "reroll",
    title: againHint,
    text: again,
    onclick: () => api.act({ kind: "reroll" }),
  });
  const node = el(
    "div",
    { class: "slider seed", title: hint },
    el("label", {}, el("span", { text: label }), input),
    reroll,
  );
  return { node, show };
}
