// Controls with a word beside them: a number within bounds, one of a few words, yes or no; named as the page's view has them.

import { el, setAttr, setText, slots } from "./dom.js";

/** @import { Api } from "../types.d.ts" */
/** @typedef {{ name: string, label: string, hint: string }} Named what it is called, and what it is for */
/** @typedef {{ node: HTMLElement, show: () => void }} Field */
/** @typedef {Field & { offer: (words: string[], say: (word: string) => string) => void }} Select */

// Fields that are seldom wanted, below a word that unfolds them.
/** @type {(summary: string, fields: Field[]) => HTMLElement} */
export function foldedFields(summary, fields) {
  const nodes = fields.map(({ node }) => node);
  return el("details", { class: "choices" }, el("summary", { text: summary }), el("div", { class: "fields" }, nodes));
}

// What is no number within the bounds is taken back.
/** @type {(api: Api<any>, words: Named, bounds: { low: number, high: number, step: string }) => Field} */
export function createNumber(api, { name, label, hint }, { low, high, step }) {
  const input = el("input", { type: "number", class: "mono", min: low, max: high, step, "data-testid": name });
  input.addEventListener("change", () => {
    const value = Number(input.value);
    if (input.value !== "" && value >= low && value <= high) api.setView({ [name]: value });
    else input.value = String(api.view()[name]);
  });
  input.addEventListener("keydown", (event) => event.key !== "Escape" && event.stopPropagation());
  return {
    node: el("label", { class: "field", title: hint }, el("span", { text: label }), input),
    show: () => {
      const typing = /** @type {ShadowRoot} */ (input.getRootNode()).activeElement === input;
      if (!typing && input.value !== String(api.view()[name])) input.value = String(api.view()[name]);
    },
  };
}

/** @type {(api: Api<any>, words: Named, offered: string[], say?: (word: string) => string) => Select} */
export function createSelect(api, { name, label, hint }, offered, say = String) {
  const select = el("select", { "data-testid": name });
  select.addEventListener("change", () => api.setView({ [name]: select.value }));
  /** @type {(words: string[], say: (word: string) => string) => void} */
  const offer = (words, say) => {
    const made = slots(select, words.length, () => el("option", {}));
    words.forEach((word, i) => {
      setAttr(made[i], "value", word);
      setText(made[i], say(word));
    });
  };
  offer(offered, say);
  return {
    node: el("label", { class: "field", title: hint }, el("span", { text: label }), select),
    offer,
    show: () => {
      if (select.value !== api.view()[name]) select.value = String(api.view()[name]);
    },
  };
}

/** @type {(api: Api<any>, words: Named) => Field} */
export function createCheck(api, { name, label, hint }) {
  const input = el("input", { type: "checkbox", "data-testid": name });
  input.addEventListener("change", () => api.setView({ [name]: input.checked }));
  return {
    node: el("label", { class: "field", title: hint }, el("span", { text: label }), input),
    show: () => {
      input.checked = Boolean(api.view()[name]);
    },
  };
}

// What something costs: names with their values, one below the other.
/** @type {(host: HTMLElement, rows: [string, string][]) => void} */
export function showPairs(host, rows) {
  const made = slots(host, rows.length, () => el("div", {}, el("dt", {}), el("dd", { class: "mono" })));
  rows.forEach(([name, value], i) => {
    setText(made[i].children[0], name);
    setText(made[i].children[1], value);
  });
}
