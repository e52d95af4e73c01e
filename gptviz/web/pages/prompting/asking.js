// How the task is put into words: the pattern (ours by a click, or one that is typed), the labels' words, the examples and their order.

import { el, setAttr, setText, slots } from "../../kit/dom.js";
import { createNumber } from "../../kit/fields.js";
import { LARGEST_SEED } from "../../kit/number.js";
import { createHead, spacer } from "../../kit/panel.js";

/** @import { Page, Panel, Shown } from "./types.d.ts" */
/** @import { PromptingControls } from "./message.d.ts" */

const WORDS = /** @type {const} */ (["word_positive", "word_negative"]);
/** @type {[keyof PromptingControls, number, number, string][]} */
const NUMBERS = [
  ["shots", 0, 8, "1"],
  ["drawn_seed", 0, LARGEST_SEED, "1"],
  ["order_seed", 0, LARGEST_SEED, "1"],
];

/** @type {(host: HTMLElement, api: Page) => Panel} */
export function createAsking(host, api) {
  /** @type {{ picture: Shown | null }} */
  const state = { picture: null };
  const ours = el("div", { class: "presets", role: "group", "aria-label": api.str("prompting.patterns") });
  const pattern = createWritten("pattern", api);
  const words = WORDS.map((name) => createWritten(name, api));
  const numbers = NUMBERS.map(([name, low, high, step]) =>
    createNumber(
      api,
      { name, label: api.str(`prompting.field.${name}`), hint: api.str(`prompting.hint.${name}`) },
      { low, high, step },
    ),
  );
  const problem = el("p", { class: "note warn", role: "status", "data-testid": "problem" });
  const body = el(
    "div",
    { class: "asking-body" },
    ours,
    pattern.node,
    el(
      "div",
      { class: "fields" },
      [...words, ...numbers].map(({ node }) => node),
    ),
    problem,
  );
  const more = api.menu({
    title: () => api.str("prompting.asking"),
    reading: () => state.picture?.header.asking_reading ?? "",
    python: () => state.picture?.header.asking_python,
    table: () => ({
      columns: [api.str("prompting.column.text"), api.str("prompting.column.label")],
      rows: [
        [api.view().pattern, "–"],
        ...WORDS.map((name, i) => [api.view()[name], state.picture?.header.labels[i] ?? ""]),
        ...(state.picture?.header.examples_shown ?? []),
      ],
    }),
    picture: () => body,
  });
  host.append(createHead(api.str("prompting.asking"), spacer(), more), body);
  return {
    update: (picture) => {
      state.picture = picture;
      const { patterns, most_shots, asking_problem } = picture.header;
      showOurs(ours, patterns, api);
      for (const field of [pattern, ...words, ...numbers]) field.show();
      setAttr(numbers[0].node.querySelector("input") ?? host, "max", most_shots);
      setText(problem, asking_problem);
      setAttr(problem, "hidden", !asking_problem);
    },
  };
}

/** @type {(host: HTMLElement, patterns: [string, string][], api: Page) => void} */
function showOurs(host, patterns, api) {
  const made = slots(host, patterns.length, () => {
    const node = el("button", { type: "button", class: "pill preset", "data-testid": "preset" });
    node.title = api.str("prompting.patterns_hint");
    node.addEventListener("click", () => api.setView({ pattern: node.value }));
    return node;
  });
  patterns.forEach(([name, written], i) => {
    setAttr(made[i], "value", written);
    setAttr(made[i], "aria-pressed", String(api.view().pattern === written));
    setText(made[i], api.str(`prompting.pattern_name.${name}`));
  });
}

// A text that is typed: the pattern, which has lines, or a word. While somebody types in it, nothing is put in.
/** @type {(name: "pattern" | "word_positive" | "word_negative", api: Page) => { node: HTMLElement, show: () => void }} */
function createWritten(name, api) {
  const attrs = { "data-testid": name, class: "mono written", autocomplete: "off", spellcheck: "false" };
  const input = name === "pattern" ? el("textarea", { ...attrs, rows: 2 }) : el("input", { ...attrs, type: "text" });
  const send = () => api.setView({ [name]: input.value });
  const typing = () => /** @type {ShadowRoot} */ (input.getRootNode()).activeElement === input;
  const show = () => {
    if (!typing() && input.value !== api.view()[name]) input.value = api.view()[name];
  };
  input.addEventListener("input", (event) => {
    if (!(/** @type {InputEvent} */ (event).isComposing)) send();
  });
  input.addEventListener("compositionend", send);
  input.addEventListener("keydown", (event) => {
    if (/** @type {KeyboardEvent} */ (event).key !== "Escape") event.stopPropagation();
  });
  return {
    node: el(
      "label",
      { class: name === "pattern" ? "field tall" : "field", title: api.str(`prompting.hint.${name}`) },
      el("span", { text: api.str(`prompting.field.${name}`) }),
      input,
    ),
    show,
  };
}
