// The prompt: the text box with its examples and notes, and below it what the page offers; on a path, the buttons that walk it.

import { createShare, createSteppers } from "./buttons.js";
import { createChat } from "./chat.js";
import { el, setAttr } from "./dom.js";
import { createStart } from "./start.js";
import { createTextbox } from "./textbox.js";

/** @import { Children } from "./dom.js" */
/** @import { Textbox } from "./textbox.js" */
/** @import { Api, PathHeader, Picture } from "../types.d.ts" */
/** @typedef {{ act: (kind: string) => void, play: () => void }} PathDeps */
/**
 * @typedef {object} Prompt
 * @property {(text: string) => void} setValue
 * @property {() => void} resize
 * @property {(on: boolean) => void} playing
 * @property {(picture: Picture<PathHeader>) => void} update
 */

// The line below a text box: a word, what can be tried, and at its end the page's own controls.
/** @type {(word: string, offers: Children, controls: Children) => HTMLDivElement} */
export function promptBar(word, offers, controls) {
  const shown = [offers].flat();
  return el(
    "div",
    { class: "prompt-bar" },
    el("span", { class: "try", text: word }),
    shown,
    el("div", { class: "controls" }, controls),
  );
}

// What stands before a text, and its box.
/** @type {(before: Children, area: HTMLElement) => HTMLDivElement} */
export function promptRow(before, area) {
  return el("div", { class: "prompt-row" }, before, area);
}

// A text box in its card, with examples, notes, and the page's own controls beside them.
/** @type {(host: HTMLElement, api: Api, parts: { before?: HTMLElement, controls: Children, act?: (kind: string) => void }) => Textbox} */
export function createPromptBox(host, api, { before, controls, act }) {
  const { str, setText, flush, bounds } = api;
  const box = createTextbox({ str, setText, setBeyond: (count) => api.setBeyond("text", count), bounds, flush, act });
  const start = createStart(api);
  const chat = createChat(api);
  host.append(
    promptRow([start.node, ...chat.nodes], box.area),
    promptBar(api.str("prompt.try"), before ? [before, box.examples] : box.examples, controls),
    box.notes,
  );
  api.onResize(host, () => box.resize());
  return {
    ...box,
    update: (header) => {
      start.update(header);
      chat.update(header);
      box.update(header);
    },
  };
}

// The same with back, step, play and the link.
/** @type {(host: HTMLElement, api: Api, deps: PathDeps) => Prompt} */
export function createPrompt(host, api, deps) {
  const buttons = pathButtons(api, deps);
  const box = createPromptBox(host, api, { controls: buttons.nodes, act: deps.act });
  return {
    setValue: box.setValue,
    resize: box.resize,
    playing: buttons.playing,
    update: ({ header }) => {
      box.update(header);
      buttons.update(header);
    },
  };
}

/** @type {(api: Api, deps: PathDeps) => { nodes: HTMLElement[], playing: (on: boolean) => void, update: (header: PathHeader) => void }} */
function pathButtons(api, deps) {
  const hints = { back: api.str("path.back_hint"), step: api.str("path.step_hint"), play: api.str("path.play_hint") };
  const { back, step, play, showPlaying } = createSteppers(api.str, hints);
  for (const [{ node }, kind] of /** @type {const} */ ([
    [back, "back"],
    [step, "step"],
  ])) {
    node.addEventListener("click", () => node.getAttribute("aria-disabled") !== "true" && deps.act(kind));
  }
  play.node.addEventListener("click", () => deps.play());
  return {
    nodes: [back.node, step.node, play.node, createShare(api)],
    playing: showPlaying,
    update: ({ ids, path }) => {
      // aria-disabled, not disabled: the button keeps the keyboard's focus when the path comes to its end
      const stuck = ids.length === 0 || path.full;
      setAttr(back.node, "aria-disabled", path.at === 0 ? "true" : null);
      for (const { node } of [step, play]) setAttr(node, "aria-disabled", stuck ? "true" : null);
    },
  };
}
