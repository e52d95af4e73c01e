// The first screen: one component, one message, one picture. Its panels are linked: one selected position, layer, head and step
// everywhere.

import { el } from "../web/dom.js";
import { listenToKeys } from "../web/keys.js";
import { drawPanel, servePage } from "../web/page.js";
import { createChips } from "./chips.js";
import { createDistribution } from "./distribution.js";
import { createAttention } from "./matrix.js";
import { createMosaic } from "./mosaic.js";
import { createPath } from "./path.js";
import { createPlayer } from "./play.js";
import { createPrompt } from "./prompt.js";

const PANELS = { chips: createChips, attention: createAttention, mosaic: createMosaic, distribution: createDistribution, path: createPath };
const STEPS_AHEAD = 2;

export default servePage((grid, page) => {
  const screen = { page, hover: null, prompt: null, panels: [] };
  screen.player = createPlayer({ step: () => page.act({ kind: "step" }), changed: (on) => screen.prompt.playing(on) });
  const api = screenApi(screen);
  makePanels(screen, grid, api);
  const stop = listenAll(screen, api);
  return {
    setText: (text) => screen.prompt.setValue(text),
    update: (picture) => drawScreen(screen, picture),
    drawn: ({ header }) => screen.player.drawn(header, page.pending("step")),
    stop,
  };
});

function screenApi(screen) {
  const { page } = screen;
  return {
    ...page,
    act: (action) => {
      if (action.kind !== "step") screen.player.stop();
      page.act(action);
    },
    hover: (pos) => {
      if (pos === screen.hover) return;
      screen.hover = pos;
      for (const panel of screen.panels) panel.light(pos);
    },
  };
}

function makePanels(screen, grid, api) {
  const card = (name) => el("section", { class: "card " + name + "-card" });
  const promptCard = card("prompt");
  grid.append(promptCard);
  screen.prompt = createPrompt(promptCard, {
    str: api.str, setText: api.setText, flush: api.flush, act: (kind) => api.act({ kind }), play: () => togglePlay(screen), link: api.copyLink,
  });
  for (const [name, create] of Object.entries(PANELS)) {
    const host = card(name);
    grid.append(host);
    screen.panels.push(create(host, api));
  }
  new ResizeObserver(() => screen.prompt.resize()).observe(promptCard);
}

// Keys, and what stops the playing when nobody looks; gives a function that takes the listeners away.
function listenAll(screen, api) {
  const unlisten = listenToKeys(api.root, {
    step: (repeated) => canStep(screen, repeated) && api.act({ kind: "step" }),
    back: (repeated) => canGoBack(screen, repeated) && api.act({ kind: "back" }),
    play: () => togglePlay(screen),
  });
  const leave = () => screen.player.stop();
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

function drawScreen(screen, picture) {
  picture.header.chips ??= []; // an empty prompt has none
  if (screen.hover !== null && screen.hover >= picture.header.ids.length) {
    screen.hover = null;
    for (const panel of screen.panels) panel.light(null);
  }
  screen.prompt.update(picture);
  for (const panel of screen.panels) drawPanel(panel, picture, screen.hover);
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
