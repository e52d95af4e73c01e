// Walking through a search that has been made: back, step, play, a slider over the steps, and the whole.
// view.step: 0 = the whole, else how many columns are shown.

import { createSteppers } from "../../kit/buttons.js";
import { el, fmtNumber, setAttr } from "../../kit/dom.js";
import { createSlider } from "../../kit/slider.js";

/** @import { BeamControls, TreeView } from "./message.d.ts" */
/** @import { Page, Stepper, Stepping } from "./types.d.ts" */

const PLAY_GAP = 900;

// How many columns are shown.
/** @type {(tree: TreeView, view: BeamControls) => number} */
export function shownSteps(tree, view) {
  return view.step === 0 ? tree.steps : Math.min(view.step, tree.steps);
}

// Gives { node, step(), back(), play(), stop(), update(header) }.
/** @type {(api: Page) => Stepper} */
export function createStepper(api) {
  /** @type {{ timer: number, tree: TreeView | null }} */
  const state = { timer: 0, tree: null };
  const hints = { back: api.str("beam.back_hint"), step: api.str("beam.step_hint"), play: api.str("beam.play_hint") };
  const { back, step: forth, play, showPlaying } = createSteppers(api.str, hints);
  const slider = createSlider({
    testid: "at",
    label: api.str("beam.step"),
    range: { min: 1, max: 1, step: 1 },
    write: (value) =>
      api.str("beam.at", { step: fmtNumber(value), steps: fmtNumber(state.tree ? state.tree.steps : 0) }),
    input: (value) => {
      walk.stop();
      go(value);
    },
  });
  const whole = el("button", {
    type: "button",
    class: "btn",
    "data-testid": "whole",
    text: api.str("beam.whole"),
    title: api.str("beam.whole_hint"),
  });
  /** @param {number} step */
  const go = (step) => api.setView({ step, node: -1 });
  const walk = createWalk(api, state, go, showPlaying);
  back.node.addEventListener("click", walk.back);
  forth.node.addEventListener("click", walk.step);
  play.node.addEventListener("click", walk.play);
  whole.addEventListener("click", () => {
    walk.stop();
    go(0);
  });
  return {
    ...walk,
    node: el(
      "div",
      { class: "beam-stepper" },
      back.node,
      forth.node,
      play.node,
      el("span", { class: "slider bare" }, slider.input),
      whole,
    ),
    update: ({ tree }) => {
      state.tree = tree;
      const view = api.view();
      const at = shownSteps(tree, view);
      slider.span(1, Math.max(1, tree.steps));
      slider.show(at);
      setAttr(whole, "aria-pressed", String(view.step === 0));
      setAttr(back.node, "aria-disabled", at <= 1 ? "true" : null);
      for (const button of [forth.node, play.node]) setAttr(button, "aria-disabled", tree.steps === 0 ? "true" : null);
    },
  };
}

// From the whole, a step forward begins at the first column; after the last column comes the whole again.
/** @type {(api: Page, state: { timer: number, tree: TreeView | null }, go: (step: number) => void, changed: (on: boolean) => void) => Stepping} */
function createWalk(api, state, go, changed) {
  const stop = () => {
    if (!state.timer) return;
    clearTimeout(state.timer);
    state.timer = 0;
    changed(false);
  };
  const forward = () => {
    const { step } = api.view();
    if (!state.tree || state.tree.steps === 0) return stop();
    go(step >= state.tree.steps ? 0 : step + 1);
  };
  const beat = () => {
    forward();
    if (api.view().step === 0) stop();
    else state.timer = setTimeout(beat, PLAY_GAP);
  };
  return {
    stop,
    step: () => {
      stop();
      forward();
    },
    back: () => {
      stop();
      const at = state.tree ? shownSteps(state.tree, api.view()) : 0;
      if (at > 1) go(at - 1);
    },
    play: () => {
      if (state.timer) return stop();
      if (!state.tree || state.tree.steps === 0) return;
      state.timer = 1;
      changed(true);
      beat();
    },
  };
}
