// Walking through a search that has been made: back, step, play, a slider over the steps, and the whole.
// view.step: 0 = the whole, else how many columns are shown.

import { el, fmtNumber, setAttr, setStyle, setText, svg } from "../../kit/dom.js";

const STEPPER_ICONS = {
  back: "M11 3v10L4 8z",
  step: "M5 3v10l7-5z",
  play: "M5 3v10l7-5z",
  pause: "M4.5 3h2.5v10h-2.5zM9 3h2.5v10h-2.5z",
};
const PLAY_GAP = 900;

// How many columns are shown.
export function shownSteps(tree, view) {
  return view.step === 0 ? tree.steps : Math.min(view.step, tree.steps);
}

// Gives { node, step(), back(), play(), stop(), update(header) }.
export function createStepper(api) {
  const state = { timer: 0, tree: null };
  const face = (kind, key, main) => stepperButton(api, kind, key, main);
  const [back, forth, play] = [
    face("back", "←", false),
    face("step", "→", true),
    face("play", api.str("path.space"), false),
  ];
  const slider = el("input", {
    type: "range",
    min: 1,
    step: 1,
    "data-testid": "at",
    "aria-label": api.str("beam.step"),
  });
  const whole = el("button", {
    type: "button",
    class: "btn",
    "data-testid": "whole",
    text: api.str("beam.whole"),
    title: api.str("beam.whole_hint"),
  });
  const go = (step) => api.setView({ step, node: -1 });
  const walk = createWalk(api, state, go, (on) => {
    setText(play.label, api.str(on ? "path.pause" : "path.play"));
    setAttr(play.icon, "d", on ? STEPPER_ICONS.pause : STEPPER_ICONS.play);
    setAttr(play.node, "aria-pressed", String(on));
  });
  back.node.addEventListener("click", walk.back);
  forth.node.addEventListener("click", walk.step);
  play.node.addEventListener("click", walk.play);
  whole.addEventListener("click", () => {
    walk.stop();
    go(0);
  });
  slider.addEventListener("input", () => {
    walk.stop();
    go(Number(slider.value));
  });
  slider.addEventListener("keydown", (event) => event.stopPropagation());
  return {
    ...walk,
    node: el(
      "div",
      { class: "stepper" },
      back.node,
      forth.node,
      play.node,
      el("span", { class: "slider bare" }, slider),
      whole,
    ),
    update: ({ tree }) => {
      state.tree = tree;
      const view = api.view();
      const at = shownSteps(tree, view);
      setAttr(slider, "max", Math.max(1, tree.steps));
      if (Number(slider.value) !== at) slider.value = String(at);
      setAttr(slider, "aria-valuetext", api.str("beam.at", { step: fmtNumber(at), steps: fmtNumber(tree.steps) }));
      setStyle(slider, "--filled", (tree.steps > 1 ? ((at - 1) / (tree.steps - 1)) * 100 : 100).toFixed(2) + "%");
      setAttr(whole, "aria-pressed", String(view.step === 0));
      setAttr(back.node, "aria-disabled", at <= 1 ? "true" : null);
      for (const button of [forth.node, play.node]) setAttr(button, "aria-disabled", tree.steps === 0 ? "true" : null);
    },
  };
}

function stepperButton(api, kind, key, main) {
  const label = el("span", { text: api.str("path." + kind) });
  const icon = svg("path", { d: STEPPER_ICONS[kind] });
  const node = el(
    "button",
    {
      type: "button",
      class: main ? "btn primary" : "btn",
      "data-testid": kind,
      title: api.str("beam." + kind + "_hint"),
    },
    svg("svg", { viewBox: "0 0 16 16", class: "icon", "aria-hidden": "true" }, icon),
    label,
    el("kbd", { "aria-hidden": "true", text: key }),
  );
  return { node, label, icon };
}

// From the whole, a step forward begins at the first column; after the last column comes the whole again.
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
