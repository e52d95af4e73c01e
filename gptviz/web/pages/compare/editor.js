// The form of one column's strategy: made from what Python says its parameters are. One form serves all columns.

import { el, fmtNumber, setAttr, setText } from "../../kit/dom.js";
import { createSlider } from "../../kit/slider.js";

/** @import { ColumnView, CompareHeader, Form } from "./message.d.ts" */
/** @import { Editor, EditorMemory, EditorParts, Field, Page, Strategy, Value } from "./types.d.ts" */

// Gives { open(number), close(), number(), update(header, cards) }.
/** @type {(api: Page) => Editor} */
export function createEditor(api) {
  /** @type {EditorMemory} */
  const memory = { number: null, kind: null, values: {}, header: null, rows: [] };
  const pick = el("select", { "data-testid": "strategy" });
  const hint = el("p", { class: "hint" });
  const fields = el("div", { class: "fields" });
  const close = () => shutEditor(memory, node);
  const node = el(
    "div",
    { class: "editor", role: "dialog", "data-testid": "editor" },
    el(
      "div",
      { class: "editor-head" },
      pick,
      el("button", {
        type: "button",
        class: "more",
        "aria-label": api.str("compare.editor.close"),
        text: "×",
        onclick: close,
      }),
    ),
    hint,
    fields,
    editorButtons(memory, api, close),
  );
  setAttr(pick, "aria-label", api.str("compare.editor.strategy"));
  pick.addEventListener("change", () => api.act({ kind: "strategy", column: memory.number, name: pick.value }));
  node.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    event.stopPropagation();
    close();
  });
  return {
    close,
    number: () => memory.number,
    open: (number, card) => {
      memory.number = number;
      memory.kind = null;
      api.redraw();
      /** @type {HTMLElement | null | undefined} */ (card?.querySelector(".editor select"))?.focus();
    },
    update: (header, cards) => {
      memory.header = header;
      const column = header.columns.find(({ number }) => number === memory.number);
      const card = column && cards.get(column.number);
      if (!column || !card) return close();
      fillEditor({ pick, hint, fields, node }, memory, header, column, api);
      if (node.parentElement !== card) card.append(node);
      node.classList.toggle(
        "flip",
        card.offsetLeft + card.offsetWidth / 2 > (card.parentElement?.offsetWidth ?? 0) / 2,
      );
    },
  };
}

/** @type {(memory: EditorMemory, node: HTMLElement) => void} */
function shutEditor(memory, node) {
  if (memory.number === null) return;
  const inside = node.contains(/** @type {ShadowRoot} */ (node.getRootNode()).activeElement);
  const opener = /** @type {HTMLElement | null | undefined} */ (node.parentElement?.querySelector(".col-name"));
  memory.number = null;
  node.remove();
  if (inside && opener) opener.focus();
}

/** @type {(parts: EditorParts, memory: EditorMemory, header: CompareHeader, column: ColumnView, api: Page) => void} */
function fillEditor({ pick, hint, fields, node }, memory, { strategies }, column, api) {
  if (pick.options.length === 0)
    pick.append(
      ...strategies.map(({ name }) => el("option", { value: name, text: strategyWord(`strategy.${name}`, name, api) })),
    );
  const kind = /** @type {Strategy} */ (column.strategy).name;
  pick.value = kind;
  setText(hint, api.has(`strategy.hint.${kind}`) ? api.str(`strategy.hint.${kind}`) : "");
  setAttr(node, "aria-label", api.str("compare.edit", { name: column.name }));
  if (memory.kind !== kind) {
    memory.kind = kind;
    const parameters = strategies.find(({ name }) => name === kind)?.parameters ?? [];
    memory.rows = parameters.map((parameter) => fieldRow(parameter, memory, api));
    fields.replaceChildren(...memory.rows.map((row) => row.node));
    memory.values = { ...column.strategy };
  } else if (api.pending("set") === 0) memory.values = { ...column.strategy };
  for (const row of memory.rows) row.show(memory.values[row.name]);
}

/** @type {(key: string, otherwise: string, api: Page) => string} */
function strategyWord(key, otherwise, api) {
  return api.has(key) ? api.str(key) : otherwise;
}

/** @type {(parameter: Form, memory: EditorMemory, api: Page) => Field} */
function fieldRow(parameter, memory, api) {
  const { name } = parameter;
  const word = strategyWord(`strategy.parameter.${name}`, name, api);
  const hint = strategyWord(`strategy.parameter_hint.${name}`, "", api);
  /** @param {Value} value */
  const commit = (value) => {
    memory.values = { ...memory.values, [name]: value };
    api.act({ kind: "set", column: memory.number, strategy: memory.values });
  };
  const input =
    parameter.kind === "choice" ? choiceInput(parameter, word, commit, api) : rangeInput(parameter, word, commit, api);
  const node = el("div", { class: "field", title: hint }, el("span", { class: "field-name", text: word }), input.node);
  return { name, node, show: input.show };
}

/** @type {(parameter: Form, word: string, commit: (value: Value) => void, api: Page) => { node: HTMLElement, show: (value: unknown) => void }} */
function choiceInput({ name, choices }, word, commit, api) {
  const options = choices.map((choice) =>
    el("option", {
      value: String(choice),
      text: strategyWord(`strategy.choice.${name}.${choice}`, String(choice), api),
    }),
  );
  const select = el("select", { "aria-label": word, "data-testid": "set-" + name }, options);
  select.addEventListener("change", () => commit(choices.find((choice) => String(choice) === select.value) ?? null));
  return { node: select, show: (value) => (select.value = String(value)) };
}

// A slider; what may be off has a box to switch it on, and begins where Python says.
/** @type {(parameter: Form, word: string, commit: (value: Value) => void, api: Page) => { node: HTMLElement, show: (value: unknown) => void }} */
function rangeInput(parameter, word, commit, api) {
  const { name, low, high, step, optional, start } = parameter;
  const slider = createSlider({
    testid: "set-" + name,
    label: word,
    range: { min: low, max: high, step },
    write: (value) => (value === null ? api.str("compare.editor.off") : fieldNumber(value, step)),
    change: commit,
  });
  const box = optional
    ? el("input", { type: "checkbox", "aria-label": api.str("compare.editor.on", { name: word }) })
    : null;
  if (box) box.addEventListener("change", () => commit(box.checked ? start : null));
  /** @param {unknown} value */
  const show = (value) => {
    const number = typeof value === "number" ? value : null;
    if (box) box.checked = number !== null;
    slider.enable(number !== null);
    slider.show(number);
  };
  return { node: el("span", { class: "slider" }, box || el("span"), slider.input, slider.output), show };
}

/** @type {(value: number, step: number) => string} */
function fieldNumber(value, step) {
  const digits =
    Number.isInteger(step) && Number.isInteger(value) ? 0 : Math.max(2, (String(step).split(".")[1] || "").length);
  return fmtNumber(value, digits);
}

/** @type {(memory: EditorMemory, api: Page, close: () => void) => HTMLElement} */
function editorButtons(memory, api, close) {
  /** @param {string} name @param {() => void} run */
  const button = (name, run) =>
    el("button", {
      type: "button",
      class: "btn",
      "data-testid": "edit-" + name,
      text: api.str("compare.editor." + name),
      onclick: run,
    });
  /** @param {string} kind @param {Record<string, unknown>} [more] */
  const act = (kind, more) => () => api.act({ kind, column: memory.number, ...more });
  /** @param {() => void} run */
  const leave = (run) => () => {
    run();
    close();
  };
  return el(
    "div",
    { class: "actions" },
    button("draws", leave(act("draws"))),
    button("duplicate", act("duplicate")),
    button("left", act("move", { by: -1 })),
    button("right", act("move", { by: 1 })),
    button("remove", leave(act("remove"))),
  );
}
