// Single choices of the form: a number, one of several words, yes or no.

import { el, setAttr, setText, slots } from "../../kit/dom.js";

/** @import { Page } from "./types.d.ts" */
/** @import { TrainingControls } from "./message.d.ts" */
/** @typedef {{ node: HTMLElement, show: () => void }} Field */

/** @type {(api: Page, name: keyof TrainingControls, bounds: { low: number, high: number, step: string }) => Field} */
export function createField(api, name, { low, high, step }) {
  const input = el("input", { type: "number", class: "mono", min: low, max: high, step, "data-testid": name });
  input.addEventListener("change", () => {
    const value = Number(input.value);
    if (input.value !== "" && value >= low && value <= high) api.setView({ [name]: value });
    else input.value = String(api.view()[name]);
  });
  input.addEventListener("keydown", (event) => event.key !== "Escape" && event.stopPropagation());
  const label = el("span", { text: api.str(`training.field.${name}`) });
  return {
    node: el("label", { class: "field", title: api.str(`training.hint.${name}`) }, label, input),
    show: () => {
      const typing = /** @type {ShadowRoot} */ (input.getRootNode()).activeElement === input;
      if (!typing && input.value !== String(api.view()[name])) input.value = String(api.view()[name]);
    },
  };
}

/** @type {(api: Page, name: keyof TrainingControls, words: string[], say?: (word: string) => string) => Field & { offer: (words: string[], say: (word: string) => string) => void }} */
export function createSelect(api, name, words, say = String) {
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
  offer(words, say);
  const label = el("span", { text: api.str(`training.field.${name}`) });
  return {
    node: el("label", { class: "field", title: api.str(`training.hint.${name}`) }, label, select),
    offer,
    show: () => {
      if (select.value !== api.view()[name]) select.value = String(api.view()[name]);
    },
  };
}

/** @type {(api: Page, name: keyof TrainingControls) => Field} */
export function createCheck(api, name) {
  const input = el("input", { type: "checkbox", "data-testid": name });
  input.addEventListener("change", () => api.setView({ [name]: input.checked }));
  const label = el("span", { text: api.str(`training.field.${name}`) });
  return {
    node: el("label", { class: "field", title: api.str(`training.hint.${name}`) }, label, input),
    show: () => {
      input.checked = Boolean(api.view()[name]);
    },
  };
}
