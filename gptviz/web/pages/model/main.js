// The model page: facts of the model at hand, and the card of how it was made and how it does.

import { el, fmtLarge, fmtNumber, fmtPercent } from "../../kit/dom.js";
import { fmtScientific } from "../../kit/numbers.js";
import { servePage } from "../../wire/page.js";
import { headsCard, modelCard } from "./card.js";
import { trainingCurve } from "./curve.js";
import { passportCard } from "./passport.js";
import { heldOut, nextTokens, parameterShares, readTexts, tableHead } from "./parts.js";
import { clozeTable, curveTable, factsTable, heldTable, nextTable, samplesTable, textsTable } from "./tables.js";

/** @import { Child } from "../../kit/dom.js" */
/** @import { Picture, Traits } from "../../types.d.ts" */
/** @import { Card, Facts, ModelHeader } from "./message.d.ts" */
/** @import { Cloze, Diversity, Evaluation, HeldOut, Page, Scored } from "./types.d.ts" */
/** @import { Say } from "../../types.d.ts" */

/** @type {Traits<ModelHeader>} */
const TRAITS = {};

export default servePage((grid, page) => {
  const memory = { rest: "" };
  /** @param {Picture<ModelHeader>} picture */
  const update = ({ header }) => {
    const { lang, title, facts, next, card, recipes, tuned } = header;
    const rest = JSON.stringify([lang, title, facts, next, card, recipes, tuned]);
    const passport = grid.querySelector(".passport-card");
    // while the checks come in, all else stays as whoever reads it has left it
    if (rest === memory.rest && passport) passport.replaceWith(passportCard(header, page));
    else grid.replaceChildren(...modelCards(header, page));
    memory.rest = rest;
  };
  /** @param {Picture<ModelHeader>} picture */
  const drawn = ({ header }) => {
    if (header.running && page.pending() === 0) page.act({ kind: "more" });
  };
  return { update, drawn };
}, TRAITS);

// Two columns, each read from top to bottom, and under them what needs the whole width.
/** @type {(header: ModelHeader, page: Page) => HTMLElement[]} */
function modelCards(header, page) {
  const { str } = page;
  const { card, facts } = header;
  /** @param {Child[]} cards */
  const column = (...cards) => el("div", { class: "model-column" }, cards);
  const [title, note] = [str("model_page.next"), str("model_page.next_note")];
  const next = modelCard("next", title, note, nextTokens(header.next), nextTable(header.next, str), page);
  if (!card)
    return [
      column(factsCard(header, page), passportCard(header, page)),
      column(
        next,
        modelCard(
          "none",
          str("model_page.no_card"),
          "",
          el("p", { class: "hint", text: str("model_page.no_card_text") }),
          null,
          page,
        ),
      ),
    ];
  const done = /** @type {Evaluation} */ (/** @type {unknown} */ (card.evaluation));
  return [
    column(
      factsCard(header, page),
      passportCard(header, page),
      curveCard(card, page),
      clozeCard(done, page),
      samplesCard(card, page),
    ),
    column(
      next,
      done.induction ? headsCard(done.induction, facts, page) : null,
      done.held_out.length ? heldCard(done.held_out, page) : null,
    ),
    modelCard(
      "data",
      str("model_page.data"),
      str("model_page.data_note"),
      el("div", {}, readTexts(card.data, str), attributions(card.attribution, str)),
      textsTable(card.data, str),
      page,
    ),
    howCard(card, page),
  ];
}

/** @type {(card: Card, page: Page) => HTMLElement} */
function curveCard({ curve, tokens }, page) {
  const { str } = page;
  const note = str("model_page.curve_note", { tokens: fmtLarge(tokens, str("number.units")) });
  return modelCard("curve", str("model_page.curve"), note, trainingCurve(curve, str), curveTable(curve, str), page);
}

/** @type {(parts: HeldOut[], page: Page) => HTMLElement} */
function heldCard(parts, page) {
  const { str } = page;
  const [title, note] = [str("model_page.held"), str("model_page.held_note")];
  return modelCard("held", title, note, heldOut(parts, str), heldTable(parts, str), page);
}

/** @type {(header: ModelHeader, page: Page) => HTMLElement} */
function factsCard(header, page) {
  const { title, facts, shares } = header;
  const { str } = page;
  /** @param {string} key @param {string} value */
  const number = (key, value) =>
    el("div", { class: "model-fact" }, el("b", { text: value }), el("small", { text: str("model_page.fact." + key) }));
  return modelCard(
    "facts",
    title,
    str("model_page.facts_note"),
    el(
      "div",
      {},
      el(
        "div",
        { class: "model-facts" },
        number("parameters", fmtLarge(facts.n_parameters, str("number.units"))),
        number("layers", String(facts.n_layer)),
        number("heads", String(facts.n_head)),
        number("width", fmtNumber(facts.n_embd)),
        number("context", fmtNumber(facts.block_size)),
        number("vocabulary", fmtNumber(facts.vocab_size)),
      ),
      parameterShares(shares, facts.n_parameters, str),
      el("p", { class: "hint weights", "data-testid": "weights", text: weightsHeld(facts, str) }),
      tunedFor(header, str),
    ),
    factsTable(header, str),
    page,
  );
}

// What it was tuned for, and where its labels can be seen on what is typed.
/** @type {(header: ModelHeader, str: Say) => HTMLElement | null} */
function tunedFor({ tuned, labelled_at }, str) {
  if (!tuned) return null;
  const link = el("a", { href: labelled_at, "data-testid": "labelled", text: str("model_page.tuned.live") });
  return el("p", { class: "tuned-for", "data-testid": "tuned" }, tuned, labelled_at ? [" ", link] : null);
}

// In what form the weights lie in memory, and how far that moves the predictions where they were rounded for it.
/** @type {(facts: Facts, str: Say) => string} */
function weightsHeld({ weights, rounding }, str) {
  if (!rounding) return str("model_page.weights." + weights);
  const { largest, divergence, agreement } = rounding;
  return str("model_page.weights.rounded", {
    largest: atMost(largest),
    divergence: fmtScientific(divergence, 0),
    agreement: fmtPercent(agreement, 0),
  });
}

// A bound in one digit, rounded up: 0.00149 is at most 0.002.
/** @type {(value: number) => string} */
function atMost(value) {
  const unit = 10 ** Math.floor(Math.log10(value || 1));
  return fmtNumber(Math.ceil(value / unit - 1e-9) * unit, Math.max(0, -Math.round(Math.log10(unit))));
}

// Cards that were written before knowledge was asked for have none.
/** @type {(done: Evaluation, page: Page) => HTMLElement} */
function clozeCard(done, page) {
  const { str } = page;
  /** @param {string} name */
  const language = (name) => str("model_page.language." + name);
  /** @type {Scored[]} */
  const known = Object.entries(done.knowledge || {}).map(([name, score]) => [
    str("model_page.knowledge", { language: language(name) }),
    score,
  ]);
  /** @type {Scored[]} */
  const scored = Object.entries(done.cloze).map(([name, score]) => [language(name), score, done.diversity[name]]);
  return modelCard(
    "cloze",
    str("model_page.cloze"),
    str("model_page.cloze_note"),
    el(
      "div",
      {},
      el(
        "table",
        { class: "small-table" },
        tableHead(["language"], ["cloze1", "cloze5", "repeated", "distinct"], str),
        el(
          "tbody",
          {},
          [...scored, ...known].map((row) => clozeRow(...row)),
        ),
      ),
      known.length
        ? el("p", { class: "hint", "data-testid": "knowledge", text: str("model_page.knowledge_note") })
        : null,
    ),
    clozeTable([...scored, ...known], str),
    page,
  );
}

// How many were right, and how the samples of that language repeat themselves, where it is the row to say that in.
/** @type {(name: string, score: Cloze, told?: Partial<Diversity>) => HTMLElement} */
function clozeRow(name, { n, top1, top5 }, told = {}) {
  return el(
    "tr",
    {},
    el("th", { scope: "row", text: name + " (" + n + ")" }),
    [fmtPercent(top1, 0), fmtPercent(top5, 0), fmtPercent(told.repetition), fmtNumber(told.distinct_2, 2)].map((text) =>
      el("td", { class: "number", text }),
    ),
  );
}

/** @type {(card: Card, page: Page) => HTMLElement} */
function samplesCard(card, page) {
  return modelCard(
    "samples",
    page.str("model_page.samples"),
    page.str("model_page.samples_note"),
    el(
      "div",
      { class: "samples edged" },
      card.samples.map(({ prompt, text }) => el("p", {}, el("b", { text: prompt }), el("span", { text }))),
    ),
    samplesTable(card.samples, page.str),
    page,
  );
}

// The notices that the texts' licences ask for, whole, behind one line.
/** @type {(text: string, str: Say) => HTMLElement | null} */
function attributions(text, str) {
  if (!text) return null;
  return el(
    "details",
    { class: "attributions" },
    el("summary", { text: str("model_page.attributions") }),
    el("pre", { tabindex: "0", text }),
  );
}

/** @type {(card: Card, page: Page) => HTMLElement} */
function howCard(card, page) {
  const { str } = page;
  const versions = Object.entries(card.versions)
    .map(([name, version]) => name + " " + version)
    .join(" · ");
  return modelCard(
    "how",
    str("model_page.how"),
    versions,
    el(
      "div",
      {},
      el("pre", { class: "mono", tabindex: "0", text: card.commands.join("\n") }),
      el("p", { class: "limits", text: card.limits }),
    ),
    null,
    page,
  );
}
