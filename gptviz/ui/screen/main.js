// The first screen: one component, one message, one picture. Builds the panels once, draws each picture into them,
// and keeps them linked: one selected position, layer, head and step everywhere.

import { createChips } from "./chips.js";
import { createDistribution } from "./distribution.js";
import { el, fillIn, setClass } from "./dom.js";
import { listenToKeys } from "./keys.js";
import { createAttention } from "./matrix.js";
import { copyText, createMenu } from "./menu.js";
import { createMosaic } from "./mosaic.js";
import { createPath } from "./path.js";
import { createPlayer } from "./play.js";
import { createPrompt } from "./prompt.js";
import { createClient, unpack } from "./protocol.js";
import { applyTheme, readTheme } from "./theme.js";

const PANELS = { chips: createChips, attention: createAttention, mosaic: createMosaic, distribution: createDistribution, path: createPath };
const STEPS_AHEAD = 2;
const SCREENS = new WeakMap();

// Streamlit calls this for each picture and each change of its theme, with the same root until the page is left.
export default function ({ parentElement, data, setStateValue }) {
  const root = parentElement.querySelector(".gv");
  if (!SCREENS.has(root)) SCREENS.set(root, createScreen(root));
  const screen = SCREENS.get(root);
  screen.receive(data, (message) => setStateValue("client", message));
  return () => {
    screen.stop();
    SCREENS.delete(root);
  };
}

function createScreen(root) {
  const screen = { root, picture: null, data: null, themeKey: "", hover: null, strings: {}, lang: null, parts: null, frame: 0, send: null };
  screen.client = createClient((message) => screen.send(message));
  screen.player = createPlayer({ step: () => screen.client.act({ kind: "step" }), changed: (on) => screen.parts.prompt.playing(on) });
  screen.api = screenApi(screen);
  const unlisten = listenToKeys(root, {
    step: (repeated) => canStep(screen, repeated) && screen.api.act({ kind: "step" }),
    back: (repeated) => canGoBack(screen, repeated) && screen.api.act({ kind: "back" }),
    play: () => togglePlay(screen),
  });
  const leave = () => screen.player.stop();
  const hide = () => document.hidden && leave();
  window.addEventListener("blur", leave);
  document.addEventListener("visibilitychange", hide);
  screen.receive = (data, send) => receiveData(screen, data, send);
  screen.stop = () => {
    leave();
    unlisten();
    window.removeEventListener("blur", leave);
    document.removeEventListener("visibilitychange", hide);
    cancelAnimationFrame(screen.frame);
    screen.client.stop();
  };
  return screen;
}

function screenApi(screen) {
  return {
    setView: (patch) => {
      screen.client.setView(patch);
      if (!screen.frame) screen.frame = requestAnimationFrame(() => drawPanels(screen));
    },
    act: (action) => {
      if (action.kind !== "step") screen.player.stop();
      screen.client.act(action);
    },
    hover: (pos) => {
      if (pos === screen.hover) return;
      screen.hover = pos;
      for (const panel of screen.parts.panels) panel.light(pos);
    },
    str: (key, values) => fillIn(screen.strings[key] ?? key, values),
    view: () => screen.client.view(),
    menu: (host, spec) => screen.parts.menu.button(host, spec),
    dialog: (title, body) => screen.parts.menu.open(title, body),
  };
}

function receiveData(screen, data, send) {
  screen.send = send;
  if (data === screen.data && screen.themeKey === themeKey(screen.root)) return;
  const picture = unpack(data);
  const { header } = picture;
  header.chips ??= []; // an empty prompt has none
  screen.data = data;
  screen.strings = header.strings;
  setClass(screen.root, "projector", header.projector);
  screen.themeKey = themeKey(screen.root);
  picture.theme = readTheme(screen.root);
  applyTheme(screen.root, picture.theme);
  if (header.lang !== screen.lang) buildScreen(screen, header.lang);
  screen.picture = picture;
  const text = screen.client.receive(header);
  if (text !== null) screen.parts.prompt.setValue(text);
  drawPanels(screen);
  screen.player.drawn(header, screen.client.pending("step"));
}

// What the theme is read from, to see whether a call with the picture already drawn has to draw it again.
function themeKey(root) {
  const style = getComputedStyle(root);
  return ["--st-background-color", "--st-text-color", "--st-font", "--st-code-font"].map((name) => style.getPropertyValue(name)).join("|");
}

// Made at first sight and again in another language; the text in the box outlives that.
function buildScreen(screen, lang) {
  const { root, api, client } = screen;
  screen.lang = lang;
  root.setAttribute("lang", lang);
  const grid = el("div", { class: "grid" });
  root.replaceChildren(grid);
  screen.parts = { panels: [], prompt: null, menu: createMenu(root, api.str) };
  const card = (name) => el("section", { class: "card " + name + "-card" });
  const promptCard = card("prompt");
  grid.append(promptCard);
  screen.parts.prompt = createPrompt(promptCard, {
    str: api.str, setText: client.setText, flush: client.flush, act: (kind) => api.act({ kind }), play: () => togglePlay(screen), link: (near) => copyLinkOf(screen, near),
  });
  for (const [name, create] of Object.entries(PANELS)) {
    const host = card(name);
    grid.append(host);
    screen.parts.panels.push(create(host, api));
  }
  screen.parts.prompt.setValue(client.text());
  new ResizeObserver(() => screen.parts.prompt.resize()).observe(promptCard);
}

function drawPanels(screen) {
  cancelAnimationFrame(screen.frame);
  screen.frame = 0;
  const { picture, parts } = screen;
  if (!picture) return;
  if (screen.hover !== null && screen.hover >= picture.header.ids.length) screen.api.hover(null);
  parts.prompt.update(picture);
  for (const panel of parts.panels) {
    try {
      panel.update(picture, screen.hover);
    } catch (error) {
      console.error(error); // one panel's trouble leaves the others drawn
    }
  }
}

function canStep(screen, repeated) {
  const { picture, client } = screen;
  if (!picture || picture.header.path.full || client.text() === "") return false;
  return !repeated || client.pending() < STEPS_AHEAD;
}

function canGoBack(screen, repeated) {
  const { picture, client } = screen;
  if (!picture || (picture.header.path.at === 0 && client.pending() === 0)) return false;
  return !repeated || client.pending() < STEPS_AHEAD;
}

function togglePlay(screen) {
  if (screen.player.playing()) screen.player.stop();
  else if (screen.picture) screen.player.start(screen.picture.header);
}

function copyLinkOf(screen, near) {
  const { origin, pathname } = window.location;
  const { link } = screen.picture.header;
  return copyText(origin + pathname + (link ? "?" + link : ""), near);
}
