// A row for each key: its vector under q's, cell under cell, the number that they make, its way through ÷√d, mask and softmax to a
// weight, and its value before and after it is weighted. Below: z, the sum of these.

import { clamp, el, numbersOf, setAttr, setClass, setStyle, setText, slots, within } from "../../kit/dom.js";
import { createLabel, writeLabel } from "../../kit/chips.js";
import { createStrip, largest, short } from "./strip.js";

/** @import { Full, Page } from "./types.d.ts" */
/** @import { Strip } from "./strip.js" */

const VECTORS = ["k_plain", "k_unit", "k"];
const NUMBERS = ["raw", "scores", "masked", "pattern"];

/** @type {(api: Page, hover: (text: string) => void) => { node: HTMLElement, update: (picture: Full, high: number) => void }} */
export function createKeys(api, hover) {
  const strips = Object.fromEntries([...VECTORS, "v", "weighted"].map((step) => [step, keyStrip(step, api, hover)]));
  const queries = Object.fromEntries(
    ["q_plain", "q_unit", "q", "z"].map((step) => [step, vectorStrip(step, api, hover)]),
  );
  const numbers = Object.fromEntries(NUMBERS.map((step) => [step, numberColumn(step, api)]));
  const labels = el("div", { class: "key-labels" });
  labels.addEventListener("click", (event) => {
    const key = within(event, "[data-key]")?.dataset.key;
    if (key) api.setView({ key: Number(key) });
  });
  const heads = el("div", { class: "keys-row keys-head" });
  const query = el("div", { class: "keys-row keys-query" });
  const rows = el("div", { class: "keys-row keys-rows" });
  const sum = el("div", { class: "keys-row keys-sum" });
  const node = el("div", { class: "keys edged" }, heads, query, rows, sum);
  /** @type {{ made: string, ids: string }} */
  const memory = { made: "", ids: "" };
  /** @param {Full} picture */
  const lay = (picture) => {
    const { flow } = picture.header;
    const vectors = VECTORS.filter(
      (step) =>
        flow.steps.includes(step) &&
        (flow.position === "rotary" || step !== "k_plain" || flow.steps.includes("k_unit")),
    );
    const name = [...vectors, flow.head_dim, flow.kv_head].join();
    if (memory.made === name) return;
    memory.made = name;
    setStyle(node, "--vectors", String(vectors.length));
    heads.replaceChildren(
      el("span", {}),
      ...[...vectors, ...NUMBERS, "v", "weighted"].map((step) =>
        el("span", {
          class: NUMBERS.includes(step) ? "number-head" : "",
          text: api.str("attend.step." + step, { d: flow.head_dim }),
          title: api.str("attend.hint." + step, { d: flow.head_dim }),
        }),
      ),
    );
    const above = vectors.map((step) => queries[step.replace("k", "q")].node);
    query.replaceChildren(
      el("span", { class: "step-name", text: api.str("attend.step.q") }),
      ...above,
      el("span", { class: "meets", text: api.str("attend.meets") }),
    );
    rows.replaceChildren(
      labels,
      ...vectors.map((step) => strips[step].node),
      ...NUMBERS.map((step) => numbers[step].node),
      strips.v.node,
      strips.weighted.node,
    );
    sum.replaceChildren(el("span", { class: "sum-name", text: api.str("attend.sum_of_values") }), queries.z.node);
  };
  return {
    node,
    update: (picture, high) => {
      lay(picture);
      const { flow, ids, view } = picture.header;
      showLabels(labels, picture, api);
      for (const part of Object.values({ ...strips, ...queries })) part.show(picture, high);
      for (const step of NUMBERS) numbers[step].show(picture);
      const name = ids.join() + "|" + view.pos;
      if (memory.ids !== name)
        rows.scrollTop = Math.max(0, ((view.pos ?? flow.labels.length) + 1.5) * high - rows.clientHeight);
      memory.ids = name;
    },
  };
}

/** @type {(node: HTMLElement, picture: Full, api: Page) => void} */
function showLabels(node, picture, api) {
  const { flow, view } = picture.header;
  const made = slots(node, flow.labels.length, (key) =>
    el("span", { class: "key-label", "data-key": key }, createLabel()),
  );
  flow.labels.forEach((label, key) => {
    writeLabel(made[key].children[0], label);
    setClass(made[key], "sel", key === view.key);
    setClass(made[key], "later", key > (view.pos ?? 0) || key < flow.first);
    setAttr(made[key], "title", api.str("attend.key", { pos: key, label }));
  });
}

// The same vector of every key.
/** @type {(step: string, api: Page, hover: (text: string) => void) => { node: HTMLElement, show: (picture: Full, high: number) => void }} */
function keyStrip(step, api, hover) {
  /** @type {Strip} */
  const strip = createStrip({
    name: api.str("attend.step." + step),
    testid: "strip-" + step,
    hover,
    choose: (key, index) => api.setView({ step, index, key }),
  });
  return {
    node: strip.node,
    show: (picture, high) => {
      const { flow, view } = picture.header;
      if (!flow.steps.includes(step)) return;
      const values = numbersOf(picture, "flow." + step);
      const { step: chosen, index } = api.view();
      const struck = (/** @type {number} */ key) => key > (view.pos ?? 0) || key < flow.first;
      const at = chosen === step ? { row: view.key ?? 0, index } : null;
      strip.show(
        { values, rows: flow.labels.length, wide: flow.head_dim, high, most: largest(values), chosen: at, struck },
        picture.theme,
      );
    },
  };
}

// One vector of the query, as wide as those of the keys.
/** @type {(step: string, api: Page, hover: (text: string) => void) => { node: HTMLElement, show: (picture: Full, high: number) => void }} */
function vectorStrip(step, api, hover) {
  /** @type {Strip} */
  const strip = createStrip({
    name: api.str("attend.step." + step),
    testid: "strip-" + step,
    hover,
    choose: (_, index) => api.setView({ step, index }),
  });
  return {
    node: strip.node,
    show: (picture, high) => {
      if (!picture.header.flow.steps.includes(step)) return;
      const values = numbersOf(picture, "flow." + step);
      const { step: chosen, index } = api.view();
      const at = chosen === step ? { row: 0, index } : null;
      strip.show({ values, rows: 1, wide: values.length, high, most: largest(values), chosen: at }, picture.theme);
    },
  };
}

// One number for each key, as buttons; the arrows go from one key to the next.
/** @type {(step: string, api: Page) => { node: HTMLElement, show: (picture: Full) => void }} */
function numberColumn(step, api) {
  const node = el("div", { class: "numbers mono", "data-testid": "column-" + step });
  node.addEventListener("click", (event) => {
    const key = within(event, "[data-key]")?.dataset.key;
    if (key) api.setView({ step, index: 0, key: Number(key) });
  });
  node.addEventListener("keydown", (event) => {
    const move = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    const from = within(event, "[data-key]");
    if (!move || !from) return;
    event.preventDefault();
    event.stopPropagation();
    const key = clamp(Number(from.dataset.key) + move, 0, node.children.length - 1);
    api.setView({ step, index: 0, key });
    /** @type {HTMLElement} */ (node.children[key]).focus();
  });
  return { node, show: (picture) => showNumbers(node, step, picture, api) };
}

/** @type {(node: HTMLElement, step: string, picture: Full, api: Page) => void} */
function showNumbers(node, step, picture, api) {
  const values = numbersOf(picture, "flow." + step);
  const { flow, view } = picture.header;
  const { step: chosen } = api.view();
  const made = slots(node, values.length, (key) =>
    el("button", { type: "button", class: "number", "data-key": key }, el("i", {}), el("span", {})),
  );
  for (let key = 0; key < values.length; key += 1) {
    const button = made[key];
    const [bar, text] = button.children;
    const masked = key > (view.pos ?? 0) || key < flow.first;
    setText(text, step === "masked" && masked ? "−∞" : short(values[key]));
    setClass(button, "masked", masked && (step === "masked" || step === "pattern"));
    setClass(button, "sel", chosen === step && key === view.key);
    setAttr(button, "tabindex", key === (view.key ?? 0) ? "0" : "-1");
    setAttr(button, "aria-pressed", String(chosen === step && key === view.key));
    setAttr(
      button,
      "aria-label",
      `${api.str("attend.step." + step, { d: flow.head_dim })}, ${flow.labels[key]}: ${text.textContent}`,
    );
    setStyle(
      /** @type {HTMLElement} */ (bar),
      "width",
      step === "pattern" ? (values[key] * 100).toFixed(2) + "%" : "0",
    );
  }
}
