// The one slider: an input whose rail is filled up to the thumb and whose value is said in words. It shows what this browser holds, so
// a late picture never moves it.

import { el, setAttr, setStyle, setText } from "./dom.js";

/**
 * @typedef {object} Range where the thumb may stand, which need not be the values themselves
 * @property {number} min
 * @property {number} max
 * @property {number} step
 */
/**
 * @typedef {object} Options
 * @property {string} testid
 * @property {string} [label] for readers, where no label stands around it
 * @property {Range} range
 * @property {(place: number) => number} [read] the value of a place
 * @property {(value: number) => number} [place] and the other way
 * @property {(value: number | null) => string} write
 * @property {(value: number) => void} [input] while it moves
 * @property {(value: number) => void} [change] when it rests
 */
/**
 * @typedef {object} Slider
 * @property {HTMLInputElement} input
 * @property {HTMLOutputElement} output the value in words
 * @property {(value: number | null) => void} show null: there is none
 * @property {(min: number, max: number, step?: number) => void} span
 * @property {(on: boolean) => void} enable
 */

/** @type {(options: Options) => Slider} */
export function createSlider({ testid, label, range, read = Number, place = Number, write, input: moved, change }) {
  const output = el("output", { class: "mono" });
  const input = el("input", { type: "range", "data-testid": testid, "aria-label": label, ...range });
  /** @param {number | null} value */
  const paint = (value) => {
    const [min, max] = [Number(input.min), Number(input.max)];
    const written = write(value);
    const filled = value === null ? 0 : max > min ? (Number(input.value) - min) / (max - min) : 1;
    setText(output, written);
    setAttr(input, "aria-valuetext", written);
    setStyle(input, "--filled", shareOf(filled));
  };
  input.addEventListener("input", () => {
    const value = read(Number(input.value));
    moved?.(value);
    paint(value);
  });
  input.addEventListener("change", () => change?.(read(Number(input.value))));
  input.addEventListener("keydown", (event) => event.key !== "Escape" && event.stopPropagation());
  return {
    input,
    output,
    show: (value) => {
      if (value !== null && Number(input.value) !== place(value)) input.value = String(place(value));
      paint(value);
    },
    span: (min, max, step) => {
      if (step !== undefined) setAttr(input, "step", step);
      setAttr(input, "min", min);
      setAttr(input, "max", max);
    },
    enable: (on) => {
      if (input.disabled === on) input.disabled = !on;
    },
  };
}

// A slider with its name before it and its value behind.
/** @type {(text: string, hint: string, slider: Slider) => HTMLLabelElement} */
export function sliderRow(text, hint, { input, output }) {
  return el("label", { class: "slider", title: hint }, el("span", { text }), input, output);
}

/** @type {(share: number) => string} */
function shareOf(share) {
  return (share * 100).toFixed(2) + "%";
}
