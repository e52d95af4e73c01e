// Walking through the film: back, step, play, a slider over the merges, and its end. view.step: −1 = the end.

import { createSteppers } from "../../kit/buttons.js";
import { el, fmtNumber, setAttr } from "../../kit/dom.js";
import { createSlider } from "../../kit/slider.js";

/** @import { Page, Stepper } from "./types.d.ts" */

const PLAY_GAP = 700; // of a short film; a long one goes faster, and is over in half a minute
const LONGEST = 30_000;
const FASTEST = 120;

// Gives { node, step(), back(), play(), stop(), update(steps) }.
/** @type {(api: Page) => Stepper} */
export function createStepper(api) {
  const state = { timer: 0, steps: 0 };
  const hints = {
    back: api.str("tokens.back_hint"),
    step: api.str("tokens.step_hint"),
    play: api.str("tokens.play_hint"),
  };
  const { back, step: forth, play, showPlaying } = createSteppers(api.str, hints);
  const at = () => (api.view().step < 0 ? state.steps : Math.min(api.view().step, state.steps));
  /** @param {number} step */
  const go = (step) => {
    api.setView({ step: step >= state.steps ? -1 : Math.max(0, step) });
    api.redraw();
  };
  const stop = () => {
    if (!state.timer) return;
    clearTimeout(state.timer);
    state.timer = 0;
    showPlaying(false);
  };
  const beat = () => {
    go(at() + 1);
    if (at() >= state.steps) stop();
    else state.timer = setTimeout(beat, Math.max(FASTEST, Math.min(PLAY_GAP, LONGEST / state.steps)));
  };
  const slider = createSlider({
    testid: "at",
    label: api.str("tokens.at"),
    range: { min: 0, max: 1, step: 1 },
    write: (value) => api.str("tokens.step", { step: fmtNumber(value), steps: fmtNumber(state.steps) }),
    input: (value) => {
      stop();
      go(value);
    },
  });
  const walk = {
    stop,
    step: () => {
      stop();
      if (state.steps) go(at() >= state.steps ? 0 : at() + 1); // from the end it begins anew
    },
    back: () => {
      stop();
      if (state.steps) go(at() - 1);
    },
    play: () => {
      if (state.timer) return stop();
      if (!state.steps) return;
      if (at() >= state.steps) go(0);
      showPlaying(true);
      state.timer = setTimeout(beat, FASTEST);
    },
  };
  for (const [face, act] of /** @type {const} */ ([
    [back, walk.back],
    [forth, walk.step],
    [play, walk.play],
  ]))
    face.node.addEventListener("click", () => act());
  return {
    ...walk,
    node: el(
      "div",
      { class: "film-stepper" },
      back.node,
      forth.node,
      play.node,
      el("span", { class: "slider bare" }, slider.input),
    ),
    update: (steps) => {
      state.steps = steps;
      slider.span(0, Math.max(1, steps));
      slider.enable(steps > 0);
      slider.show(at());
      setAttr(back.node, "aria-disabled", at() === 0 ? "true" : null);
      for (const { node } of [forth, play]) setAttr(node, "aria-disabled", steps === 0 ? "true" : null);
    },
  };
}
