// Walking the path on any page that has one: the prompt with its buttons, the player, the keys, and what stops the playing.

import { listenToKeys } from "./keys.js";
import { createPlayer } from "./play.js";
import { createPrompt } from "./prompt.js";

/** @import { Player } from "./play.js" */
/** @import { Action, Api, PathHeader, Picture } from "../types.d.ts" */
/** @typedef {{ page: Api<PathHeader>, player: Player, act: (action: Action) => void }} Walker */
/**
 * @typedef {object} Walk
 * @property {(action: Action) => void} act
 * @property {(text: string) => void} setText
 * @property {(picture: Picture<PathHeader>) => void} update
 * @property {(picture: Picture<PathHeader>) => void} drawn
 * @property {() => void} stop
 */

const STEPS_AHEAD = 2;

// host: the prompt's card. Every action of the page goes through the walk's act, so that whatever is not a step ends the playing.
/** @type {(host: HTMLElement, page: Api<PathHeader>) => Walk} */
export function createWalk(host, page) {
  /** @param {boolean} on */
  const changed = (on) => prompt.playing(on);
  const player = createPlayer({ step: () => page.act({ kind: "step" }), changed });
  /** @param {Action} action */
  const act = (action) => {
    if (action.kind !== "step") player.stop();
    page.act(action);
  };
  const walker = { page, player, act };
  const prompt = createPrompt(host, page, { act: (kind) => act({ kind }), play: () => togglePlay(walker) });
  return {
    act,
    setText: prompt.setValue,
    update: prompt.update,
    drawn: ({ header }) => player.drawn(header, page.pending("step")),
    stop: listenAll(walker),
  };
}

// Keys, and what stops the playing when nobody looks; gives a function that takes the listeners away.
/** @type {(walker: Walker) => () => void} */
function listenAll(walker) {
  const { page, player, act } = walker;
  const unlisten = listenToKeys(page.root, {
    step: (repeated) => canStep(page, repeated) && act({ kind: "step" }),
    back: (repeated) => canGoBack(page, repeated) && act({ kind: "back" }),
    play: () => togglePlay(walker),
  });
  const leave = () => player.stop();
  const hide = () => document.hidden && leave();
  window.addEventListener("blur", leave);
  document.addEventListener("visibilitychange", hide);
  return () => {
    leave();
    unlisten();
    window.removeEventListener("blur", leave);
    document.removeEventListener("visibilitychange", hide);
  };
}

/** @type {(page: Api<PathHeader>, repeated: boolean) => boolean} */
function canStep(page, repeated) {
  const picture = page.picture();
  if (!picture || picture.header.path.full || page.text() === "") return false;
  return !repeated || page.pending() < STEPS_AHEAD;
}

/** @type {(page: Api<PathHeader>, repeated: boolean) => boolean} */
function canGoBack(page, repeated) {
  const picture = page.picture();
  if (!picture || (picture.header.path.at === 0 && page.pending() === 0)) return false;
  return !repeated || page.pending() < STEPS_AHEAD;
}

/** @type {(walker: Walker) => void} */
function togglePlay({ page, player }) {
  const picture = page.picture();
  if (player.playing()) player.stop();
  else if (picture) player.start(picture.header);
}
