// Playing: one step after the other, each asked for only when the picture of the one before has been drawn.

/** @import { PathHeader } from "../types.d.ts" */
/**
 * @typedef {object} Player
 * @property {() => void} stop
 * @property {() => boolean} playing
 * @property {(header: PathHeader) => void} start
 * @property {(header: PathHeader, waiting: number) => void} drawn
 */

const LEAST_GAP = 500;

// deps: { step(), changed(playing) }
/** @type {(deps: { step: () => void, changed: (playing: boolean) => void }) => Player} */
export function createPlayer(deps) {
  const state = { on: false, timer: 0, asked: 0, length: -1 };
  const stop = () => {
    if (!state.on) return;
    state.on = false;
    clearTimeout(state.timer);
    deps.changed(false);
  };
  /** @param {number} length */
  const ask = (length) => {
    state.asked = performance.now();
    state.length = length;
    state.timer = 0;
    deps.step();
  };
  return {
    stop,
    playing: () => state.on,
    start: (header) => {
      if (header.path.full || header.ids.length === 0) return;
      state.on = true;
      deps.changed(true);
      ask(header.path.at);
    },
    // A picture has been drawn; `waiting` steps are still unanswered.
    drawn: (header, waiting) => {
      if (!state.on || waiting > 0 || state.timer) return;
      if (header.path.full || header.path.at <= state.length) return stop(); // the end: context full, or nothing came
      state.timer = setTimeout(() => ask(header.path.at), Math.max(0, state.asked + LEAST_GAP - performance.now()));
    },
  };
}
