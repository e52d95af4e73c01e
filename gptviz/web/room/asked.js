// What is asked: the text up to here, and what can be answered.

import { el, setAttr } from "../kit/dom.js";
import { createChips } from "./chips.js";

/** @import { Asking } from "./types.d.ts" */

// The text, its blanks at the end visible, for a word may follow or not.
/** @type {(text: string) => HTMLElement} */
export function promptOf(text) {
  const end = text.length - text.trimEnd().length;
  const shown = end ? text.slice(0, -end) + "·".repeat(Math.min(end, 8)) : text;
  return el("p", { class: "prompt", "data-testid": "prompt", text: shown });
}

/** @type {(asking: Asking) => HTMLElement} */
export function createAsked(asking) {
  const { say, state } = asking;
  const { kind, how } = state;
  const title = el("h1", { text: say("room_phone.ask." + (kind === "guess" ? how : kind)) });
  if (kind === "follow") return el("section", {}, title, follow(asking));
  return el(
    "section",
    { "data-testid": "asked" },
    title,
    promptOf(state.prompt ?? ""),
    how === "chips" ? createChips(asking) : picks(asking),
  );
}

/** @type {(asking: Asking) => HTMLElement} */
function picks({ say, state, answer, send }) {
  const buttons = (state.options ?? []).map((label, place) =>
    el("button", {
      type: "button",
      class: "pick",
      "data-testid": "pick" + place,
      "aria-pressed": String(answer?.pick === place),
      text: state.kind === "vote" ? "AB"[place] + "  " + label.trim() : label,
    }),
  );
  /** @param {number} chosen */
  const mark = (chosen) => buttons.forEach((node, place) => setAttr(node, "aria-pressed", String(place === chosen)));
  buttons.forEach((node, place) =>
    node.addEventListener("click", () => {
      mark(place);
      send({ pick: place });
    }),
  );
  const word = state.kind === "guess" ? wordBox({ say, state, answer, send }, () => mark(-1)) : null;
  return el("div", { class: "picks " + state.kind }, buttons, word);
}

/** @type {(asking: Asking, typed: () => void) => HTMLElement} */
function wordBox({ say, answer, send }, typed) {
  const box = el("input", {
    type: "text",
    autocomplete: "off",
    autocapitalize: "off",
    "data-testid": "word",
    "aria-label": say("room_phone.word"),
    placeholder: say("room_phone.word"),
    value: answer?.word,
  });
  const form = el(
    "form",
    { class: "word" },
    box,
    el("button", { type: "submit", "data-testid": "send-word", text: say("room_phone.send") }),
  );
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (!box.value.trim()) return;
    typed();
    send({ word: box.value });
  });
  return el("div", {}, form, el("p", { class: "hint", text: say("room_phone.word_hint") }));
}

/** @type {(asking: Asking) => HTMLElement} */
function follow({ say, state }) {
  const open = el("a", {
    class: "go",
    href: "." + state.link,
    target: "gptviz-follow",
    "data-testid": "open-page",
    text: say("room_phone.open", { title: state.title }),
  });
  return el(
    "div",
    {},
    promptOf(state.prompt ?? ""),
    open,
    el("p", { class: "hint", text: say("room_phone.follow_hint") }),
  );
}
