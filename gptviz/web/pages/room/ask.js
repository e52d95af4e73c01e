// Which game, and how it is played; below the text box.

import { el, setAttr, setText, slots } from "../../kit/dom.js";

/** @import { Page, Panel, Shown } from "./types.d.ts" */

const GAMES = ["guess", "vote", "probe", "follow"];
const HOW = ["pick", "chips"];
const SOURCES = ["draw", "text"];

/** @typedef {{ label: string, word: (value: string) => string, hint: (value: string) => string }} Words */

/** @type {(host: HTMLElement, api: Page) => Panel} */
export function createAsk(host, api) {
  const { str } = api;
  const game = switchOf("game", GAMES, api, {
    label: str("room.game_label"),
    word: (value) => str("room.game." + value),
    hint: (value) => str("room.game_hint." + value),
  });
  const how = switchOf("how", HOW, api, {
    label: str("room.how_label"),
    word: (value) => str("room.how." + value),
    hint: (value) => str("room.how_hint." + value),
  });
  const source = switchOf("source", SOURCES, api, {
    label: str("room.source_label"),
    word: (value) => str("room.source." + value),
    hint: (value) => str("room.source_hint." + value),
  });
  const question = el("select", { "data-testid": "question", "aria-label": api.str("room.question") });
  question.addEventListener("change", () => api.setView({ question: Number(question.value) }));
  const place = el("input", { type: "range", min: 1, "data-testid": "at", "aria-label": api.str("room.at") });
  place.addEventListener("input", () => api.setView({ at: Number(place.value) }));
  const told = el("span", { class: "ask-told" });
  const start = el("button", {
    type: "button",
    class: "btn primary",
    "data-testid": "ask",
    text: api.str("room.start"),
    title: api.str("room.start_hint"),
  });
  start.addEventListener("click", () => start.getAttribute("aria-disabled") !== "true" && api.act({ kind: "start" }));
  host.append(
    el(
      "div",
      { class: "ask", role: "group", "aria-label": api.str("room.ask") },
      game.node,
      how.node,
      source.node,
      question,
      place,
      told,
      el("span", { class: "spacer" }),
      start,
    ),
  );

  /** @param {Shown} picture */
  function update({ header }) {
    const view = api.view();
    const guessing = view.game === "guess";
    const playing = guessing && view.source === "text" && header.n_tokens > 1;
    game.update(view.game);
    how.update(view.how);
    source.update(view.source);
    setAttr(how.node, "hidden", !guessing);
    setAttr(source.node, "hidden", !guessing);
    setAttr(question, "hidden", view.game !== "probe");
    setAttr(place, "hidden", !playing);
    setAttr(place, "max", Math.max(1, header.n_tokens - 1));
    if (place.value !== String(header.at)) place.value = String(header.at);
    setText(
      told,
      playing ? api.str("room.shown", { at: header.at, count: header.n_tokens }) : api.str("room.about." + view.game),
    );
    const offered = header.questions;
    slots(question, offered.length + 1, (i) => el("option", { value: i }));
    [...question.children].forEach((option, i) => setText(option, offered[i] ?? api.str("room.own_question")));
    const chosen = String(Math.min(Number(view.question), offered.length));
    if (question.value !== chosen) question.value = chosen;
    setAttr(start, "hidden", !header.room);
    setAttr(start, "aria-disabled", header.may_start ? null : "true");
  }
  return { update };
}

/** @type {(name: string, values: string[], api: Page, words: Words) => { node: HTMLElement, update: (chosen: string) => void }} */
function switchOf(name, values, api, { label, word, hint }) {
  const buttons = values.map((value) =>
    el("button", {
      type: "button",
      "data-testid": name + "-" + value,
      text: word(value),
      title: hint(value),
      onclick: () => api.setView({ [name]: value }),
    }),
  );
  const node = el("span", { class: "switch", role: "group", "aria-label": label }, buttons);
  return {
    node,
    update: (chosen) => buttons.forEach((button, i) => setAttr(button, "aria-pressed", String(values[i] === chosen))),
  };
}
