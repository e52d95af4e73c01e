// A blank, filled by a small model that sees both sides of it, beside what its twin writes there that only looks back.

import { showBars } from "../../kit/bars.js";
import { el, fmtNumber, fmtPercent, setAttr, setClass, setText, slots } from "../../kit/dom.js";
import { createHead, spacer } from "../../kit/panel.js";

/** @import { Page, Panel, Shown } from "./types.d.ts" */
/** @import { Filling, Guessed, Offered } from "./message.d.ts" */
/** @import { Table } from "../../types.d.ts" */

const MODELS = ["masked", "causal"];
const BLANK = "___";
const FEW = 4; // bars for the back row

/** @type {(host: HTMLElement, api: Page) => Panel} */
export function createFill(host, api) {
  /** @type {Shown | null} */
  let shown = null;
  const filling = () => shown?.header.filling ?? null;
  const title = api.str("masks.fill.title");
  const head = createHead(title, el("small", { text: api.str("masks.fill.small") }), spacer());
  const input = createInput(api);
  const offered = el("div", { class: "examples fill-offered" });
  const words = el("div", { class: "fill-words", role: "group", "aria-label": title });
  const problem = el("p", { class: "fill-problem", "data-testid": "fill-problem", role: "status" });
  const guesses = MODELS.map((model) => createGuess(model, api));
  const said = el("p", { class: "fill-says", "data-testid": "fill-says" });
  const body = el(
    "div",
    { class: "fill-body", "data-testid": "fill" },
    words,
    el("div", { class: "fill-guesses" }, ...guesses.map(({ node }) => node)),
    said,
  );
  const menu = api.menu({
    title,
    reading: () => filling()?.reading ?? "",
    python: () => filling()?.python ?? "",
    table: () => fillTable(filling()?.guesses ?? [], api),
    picture: () => (filling()?.guesses.length ? body : null),
  });
  head.append(menu);
  host.append(head, el("div", { class: "fill-line" }, input.node, offered), problem, body);
  return {
    update: (picture) => {
      shown = picture;
      const { filling: found, offered: some } = picture.header;
      input.show();
      showOffered(offered, some, api);
      setText(problem, found.problem);
      setAttr(problem, "hidden", !found.problem);
      setAttr(body, "hidden", Boolean(found.problem));
      setAttr(menu, "hidden", Boolean(found.problem));
      if (found.problem) return;
      showWords(words, found, api);
      const seen = found.guesses.map((guess) => shortened(guess, picture.header.projector ? FEW : guess.words.length));
      const most = Math.max(...seen.flatMap(({ words: all, rest }) => [rest, ...all.map(({ p }) => p)]));
      guesses.forEach((guess, i) => guess.update(seen[i], most));
      setText(said, found.reading);
    },
  };
}

/** @type {(api: Page) => { node: HTMLInputElement, show: () => void }} */
function createInput(api) {
  const node = el("input", {
    type: "text",
    class: "fill-sentence",
    "data-testid": "sentence",
    spellcheck: "false",
    autocomplete: "off",
    "aria-label": api.str("masks.fill.label"),
    placeholder: api.str("masks.fill.label"),
    title: api.str("masks.fill.hint"),
  });
  let composing = false;
  const send = () => !composing && api.setView({ sentence: node.value });
  node.addEventListener("input", send);
  node.addEventListener("compositionstart", () => {
    composing = true;
  });
  node.addEventListener("compositionend", () => {
    composing = false;
    send();
  });
  node.addEventListener("keydown", (event) => event.key !== "Escape" && event.stopPropagation());
  return {
    node,
    show: () => {
      const typing = /** @type {ShadowRoot} */ (node.getRootNode()).activeElement === node;
      const sentence = String(api.view().sentence);
      if (!typing && node.value !== sentence) node.value = sentence;
    },
  };
}

/** @type {(host: HTMLElement, some: Offered[], api: Page) => void} */
function showOffered(host, some, api) {
  const made = slots(host, some.length, () =>
    el("button", { type: "button", class: "pill", "data-testid": "offered" }),
  );
  some.forEach(({ sentence, word }, i) => {
    setText(made[i], sentence);
    /** @type {HTMLElement} */ (made[i]).onclick = () => api.setView({ sentence, word });
  });
}

/** @type {(host: HTMLElement, found: Filling, api: Page) => void} */
function showWords(host, { words, at, typed }, api) {
  const made = slots(host, words.length, () =>
    el("button", { type: "button", class: "fill-word", "data-testid": "fill-word" }),
  );
  words.forEach((word, i) => {
    const hidden = i === at;
    setText(made[i], hidden ? BLANK : word);
    setAttr(made[i], "aria-pressed", String(hidden));
    setAttr(made[i], "disabled", typed && !hidden ? "" : null);
    setAttr(made[i], "title", hidden ? api.str("masks.fill.hidden") : api.str("masks.fill.press", { word }));
    /** @type {HTMLElement} */ (made[i]).onclick = () => !typed && api.setView({ word: i });
  });
}

// The first bars and that of what stood there; what they leave out is among the others.
/** @type {(guess: Guessed, count: number) => Guessed} */
function shortened(guess, count) {
  const words = guess.words.filter(({ true: stood }, i) => i < count || stood);
  const left = guess.words.filter((word) => !words.includes(word));
  const rest = left.reduce((sum, { p }) => sum + p, guess.rest);
  return { ...guess, words, rest, others: guess.others + left.length };
}

/** @type {(model: string, api: Page) => { node: HTMLElement, update: (found: Guessed, most: number) => void }} */
function createGuess(model, api) {
  const bars = el("div", { class: "fill-bars" });
  const number = el("p", { class: "fill-number", "data-testid": "fill-" + model });
  const node = el("article", { class: "fill-guess" }, el("h3", { text: api.str("masks.fill." + model) }), number, bars);
  return {
    node,
    update: (found, most) => {
      const { bits, rank, entropy, words, rest, others } = found;
      const truth = bits !== null && api.str("masks.fill.bits", { bits: fmtNumber(bits, 2), rank });
      setText(number, truth || api.str("masks.fill.open", { bits: fmtNumber(entropy, 2) }));
      const rows = words.map(({ label, p, true: stood }) => ({
        p,
        word: label,
        number: fmtPercent(p, 1),
        title: stood ? api.str("masks.fill.true") : null,
        marks: { true: stood, others: false },
      }));
      const name = api.str("masks.fill.others", { count: others });
      const tail = {
        p: rest,
        word: name,
        number: fmtPercent(rest, 1),
        title: null,
        marks: { true: false, others: true },
      };
      showBars(bars, [...rows, tail], most, { cells: ["word", "track", "number"], track: ["fill"] });
      setClass(node, "known", bits !== null);
    },
  };
}

/** @type {(guesses: Guessed[], api: Page) => Table} */
function fillTable(guesses, api) {
  const columns = ["model", "word", "p", "true"].map((name) => api.str("masks.fill_column." + name));
  const rows = guesses.flatMap(({ model, words }) =>
    words.map(({ label, p, true: stood }) => [api.str("masks.fill." + model), label, p, stood]),
  );
  return { columns, rows };
}
