// Walking the path on any page that has one: the prompt with its buttons, the player, the keys, and what stops the playing.

import { listenToKeys } from "./keys.js";
import { createPlayer } from "./play.js";
import { createPrompt } from "./prompt.js";

const STEPS_AHEAD = 2;

// host: the prompt's card. Gives { setText(text), update(picture), drawn(picture), act(action), stop() }; every action of the
// page goes through act, so that whatever is not a step ends the playing.
export function createWalk(host, page) {
  const walk = { page, prompt: null, player: null };
  walk.player = createPlayer({ step: () => page.act({ kind: "step" }), changed: (on) => walk.prompt.playing(on) });
  const act = (action) => {
    if (action.kind !== "step") walk.player.stop();
    page.act(action);
  };
  walk.prompt = createPrompt(host, {
    str: page.str,
    setText: page.setText,
    flush: page.flush,
    act: (kind) => act({ kind }),
    play: () => togglePlay(walk),
    link: page.copyLink,
  });
  page.onResize(host, () => walk.prompt.resize());
  return {
    act,
    setText: (text) => walk.prompt.setValue(text),
    update: (picture) => walk.prompt.update(picture),
    drawn: ({ header }) => walk.player.drawn(header, page.pending("step")),
    stop: listenAll(walk, act),
  };
}

// Keys, and what stops the playing when nobody looks; gives a function that takes the listeners away.
function listenAll(walk, act) {
  const unlisten = listenToKeys(walk.page.root, {
    step: (repeated) => canStep(walk, repeated) && act({ kind: "step" }),
    back: (repeated) => canGoBack(walk, repeated) && act({ kind: "back" }),
    play: () => togglePlay(walk),
  });
  const leave = () => walk.player.stop();
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

function canStep({ page }, repeated) {
  const picture = page.picture();
  if (!picture || picture.header.path.full || page.text() === "") return false;
  return !repeated || page.pending() < STEPS_AHEAD;
}

function canGoBack({ page }, repeated) {
  const picture = page.picture();
  if (!picture || (picture.header.path.at === 0 && page.pending() === 0)) return false;
  return !repeated || page.pending() < STEPS_AHEAD;
}

function togglePlay({ page, player }) {
  if (player.playing()) player.stop();
  else if (page.picture()) player.start(page.picture().header);
}
