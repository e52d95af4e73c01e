// What is being dragged: shown at once from the tables at hand, told to Python when the hand rests.

import { createSlider, sliderRow } from "../../kit/slider.js";

/** @import { Dragged, Live, Page } from "./types.d.ts" */

const REST = 160; // milliseconds without a movement

// live.get(name) is the control as it stands under the hand; live.drag(name, value) moves it, live.settle() tells Python now.
/** @type {(api: Page) => Live} */
export function createLive(api) {
  /** @type {Map<string, number>} */
  const held = new Map();
  let timer = 0;
  const settle = () => {
    clearTimeout(timer);
    timer = 0;
    if (held.size === 0) return;
    const changes = Object.fromEntries(held);
    held.clear();
    api.setView(changes);
  };
  return {
    get: (name) => held.get(name) ?? api.view()[name],
    // whether the picture at hand was made for what the control says
    same: (name) => !held.has(name) && api.picture()?.header.view[name] === api.view()[name],
    drag: (name, value) => {
      held.set(name, value);
      clearTimeout(timer);
      timer = setTimeout(settle, REST);
      api.redraw();
    },
    settle,
    stop: () => clearTimeout(timer),
  };
}

// A labelled slider over a list of steps: { node, update() }. `write` says a value in words.
/** @type {(options: { label: string, hint: string, testid: string, name: Dragged, steps: () => number[], write: (value: number) => string }, live: Live) => { node: HTMLElement, update: () => void }} */
export function createStepSlider({ label, hint, testid, name, steps, write }, live) {
  const slider = createSlider({
    testid,
    range: { min: 0, max: 1, step: 1 },
    read: (place) => steps()[place],
    place: (value) => nearestStep(steps(), value),
    write: (value) => write(value ?? 0),
    input: (value) => live.drag(name, value),
    change: () => live.settle(),
  });
  const update = () => {
    slider.span(0, Math.max(1, steps().length - 1));
    slider.show(live.get(name));
  };
  return { node: sliderRow(label, hint, slider), update };
}

// The place of the step nearest to a value.
/** @type {(steps: number[], value: number) => number} */
export function nearestStep(steps, value) {
  let best = 0;
  steps.forEach((step, i) => {
    if (Math.abs(step - value) < Math.abs(steps[best] - value)) best = i;
  });
  return best;
}
