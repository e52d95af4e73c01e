// A text box that reports every settled change, with examples and notes. The box belongs to whoever types: Python's text is put
// in only when the conversation says so, never in the middle of a composition.

import { el, setAttr, setClass, setText, slots } from "./dom.js";
import { fit, keepWhole, wholeOf } from "./whole.js";

/** @import { Bounds, Header, Say } from "../types.d.ts" */
/** @typedef {{ area: HTMLTextAreaElement, name: string, composing: boolean, waiting: string | null, size: () => void }} Box */
/**
 * @typedef {object} Deps
 * @property {Say} str
 * @property {(text: string) => void} setText of what the box holds, what is read
 * @property {(count: number) => void} setBeyond how many characters before that stay in the box
 * @property {() => Bounds} bounds
 * @property {() => void} flush
 * @property {(kind: string) => void} [act] for Ctrl+Enter
 * @property {string} [testid]
 * @property {string} [label]
 * @property {string} [placeholder]
 * @property {number} [lines]
 */
/**
 * @typedef {object} Textbox
 * @property {HTMLTextAreaElement} area
 * @property {(text: string) => void} setValue
 * @property {() => void} resize
 * @property {HTMLElement} examples
 * @property {HTMLElement} notes
 * @property {(header: Header) => void} update
 */

const MOST_LINES = 3;
const LONG = 20_000; // UTF-16 units that no box holds without scrolling: laying them all out at each key would take seconds

// deps: { str, setText(text), setBeyond(count), bounds(), flush(), act?(kind) for Ctrl+Enter, testid?, label?, placeholder?, lines? }
// Gives { area, setValue(text), resize(), examples, notes, update(header) }; where they stand is the caller's business.
/** @type {(deps: Deps) => Textbox} */
export function createTextbox(deps) {
  const label = deps.label || deps.str("prompt.label");
  const name = deps.testid || "prompt";
  const area = el("textarea", {
    class: "prompt",
    "data-testid": name,
    rows: 1,
    spellcheck: "false",
    autocomplete: "off",
    autocapitalize: "off",
    "aria-label": label,
    placeholder: deps.placeholder || deps.str("prompt.placeholder"),
  });
  const box = { area, name, composing: false, waiting: null, size: () => growTextbox(area, deps.lines || MOST_LINES) };
  wireTextbox(box, deps);
  /** @param {string} text */
  const setValue = (text) => putText(box, text, deps);
  /** @param {string} text */
  const choose = (text) => {
    setValue(text);
    deps.setText(text);
    deps.flush();
  };
  const examples = el("div", { class: "examples" });
  const notes = el("div", { class: "notes", role: "status" });
  return {
    area,
    setValue,
    resize: box.size,
    examples,
    notes,
    update: (header) => {
      showExamples(examples, header.examples || [], choose);
      showNotes(notes, header.notes || []);
    },
  };
}

/** @type {(box: Box, text: string, deps: Deps) => void} */
function putText(box, text, deps) {
  if (box.composing) {
    box.waiting = text; // a value set now would break the input method's composition
    return;
  }
  const all = wholeOf(box.name, text, deps.bounds());
  if (box.area.value !== all) box.area.value = all;
  deps.setBeyond(all === text ? 0 : fit(all, deps.bounds().chars).beyond);
  box.size();
}

/** @type {(box: Box, deps: Deps) => void} */
function wireTextbox(box, deps) {
  const { area } = box;
  const report = () => {
    box.size();
    const [all, bounds] = [area.value, deps.bounds()];
    const read = fit(all, bounds.chars);
    keepWhole(box.name, all, read, bounds);
    deps.setBeyond(read.beyond);
    deps.setText(read.text);
  };
  const settle = () => {
    box.composing = false;
    if (box.waiting !== null) putText(box, box.waiting, deps);
    box.waiting = null;
    report();
  };
  area.addEventListener("compositionstart", () => (box.composing = true));
  area.addEventListener("compositionend", settle);
  area.addEventListener("input", (event) => (box.composing || event.isComposing ? box.size() : report()));
  area.addEventListener("blur", () => box.composing && settle()); // some input methods never say that they ended
  area.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    if (event.key === "Escape") area.blur();
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && deps.act) {
      event.preventDefault();
      deps.act("step");
    }
  });
}

/** @type {(area: HTMLTextAreaElement, lines: number) => void} */
function growTextbox(area, lines) {
  const style = getComputedStyle(area);
  const most = Number.parseFloat(style.lineHeight) * lines + Number.parseFloat(style.paddingTop) * 2;
  const long = area.textLength > LONG && most > 0;
  if (!long) area.style.height = "auto";
  const wanted = long ? Number.POSITIVE_INFINITY : area.scrollHeight;
  area.style.height = Math.min(wanted, most || wanted) + "px";
  area.style.overflowY = wanted > most + 1 ? "auto" : "hidden";
}

/** @type {(node: HTMLElement, examples: string[], choose: (text: string) => void) => void} */
function showExamples(node, examples, choose) {
  if (node.parentElement) setClass(node.parentElement, "bare", examples.length === 0);
  const make = () => {
    const pill = el("button", { type: "button", class: "pill", "data-testid": "example" });
    pill.addEventListener("click", () => choose(pill.value));
    return pill;
  };
  const made = /** @type {HTMLCollectionOf<HTMLButtonElement>} */ (slots(node, examples.length, make));
  examples.forEach((text, i) => {
    setText(made[i], text.replaceAll("\n", " ↵ "));
    if (made[i].value !== text) made[i].value = text;
  });
}

/** @type {(node: HTMLElement, notes: Header["notes"]) => void} */
function showNotes(node, notes) {
  const made = slots(node, notes.length, () => el("p"));
  notes.forEach((note, i) => {
    setAttr(made[i], "class", "note " + note.level);
    setAttr(made[i], "role", note.level === "error" ? "alert" : null);
    setText(made[i], note.text);
  });
}
