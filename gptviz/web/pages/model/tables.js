// What the ⋯ of each card says of it: a reading in words, and its numbers as a table.

import { fmtNumber, fmtPercent } from "../../kit/dom.js";
import { curveLabel } from "./curve.js";

/** @import { Curve, ModelHeader, Next, Sample, TextPart } from "./message.d.ts" */
/** @import { Say } from "../../types.d.ts" */
/** @import { Habit, HeldOut, Induction, Scored, TableTold } from "./types.d.ts" */

const HABITS = /** @type {const} */ (["prefix_matching", "previous_token", "first_token"]);
const HELD_OUT = /** @type {const} */ (["part", "n_bytes", "bits_per_byte", "baseline_bits_per_byte", "top1", "top5"]);

// Each gives { reading, columns, rows }; `str` says the page's language.
/** @type {(header: ModelHeader, str: Say) => TableTold} */
export function factsTable({ facts, shares }, str) {
  /** @type {[kind: string, count: number, share: number][]} */
  const named = shares.map(({ name, count }) => [str("model_page.share." + name), count, count / facts.n_parameters]);
  return {
    reading: named.map(([kind, count, share]) => `${kind}: ${fmtNumber(count)} (${fmtPercent(share)})`).join("; "),
    columns: columnsOf(["kind", "count", "share"], str),
    rows: named,
  };
}

/** @type {(next: Next[], str: Say) => TableTold} */
export function nextTable(next, str) {
  const first = next.map(({ prompt, top: [best] }) => `${oneLine(prompt)} → ${best.label} ${fmtPercent(best.p, 0)}`);
  return {
    reading: first.join("; "),
    columns: columnsOf(["prompt", "token", "p"], str),
    rows: next.flatMap(({ prompt, top }) => top.map(({ label, p }) => [prompt, label, p])),
  };
}

/** @type {(curve: Curve, str: Say) => TableTold} */
export function curveTable(curve, str) {
  return {
    reading: curveLabel(curve, str),
    columns: columnsOf(["tokens", "loss", "rate"], str),
    rows: curve.tokens.map((count, i) => [count, curve.loss[i], curve.learning_rate[i]]),
  };
}

/** @type {(parts: HeldOut[], str: Say) => TableTold} */
export function heldTable(parts, str) {
  const { bits_per_byte: ours, baseline_bits_per_byte: grams } = parts[parts.length - 1];
  return {
    reading: str(grams ? "model_page.held_reading" : "model_page.held_reading_alone", {
      ours: fmtNumber(ours, 3),
      grams: fmtNumber(grams || 0, 3),
    }),
    columns: columnsOf(HELD_OUT, str),
    rows: parts.map((part) => HELD_OUT.map((name) => part[name])),
  };
}

/** @type {(found: Induction, str: Say) => TableTold} */
export function headsTable(found, str) {
  const best = HABITS.map((habit) => `${str("model_page.head." + habit)}: ${bestHead(found[habit], str)}`);
  const scores = found[HABITS[0]].heads;
  return {
    reading: best.join("; "),
    columns: [...columnsOf(["layer", "head"], str), ...HABITS.map((habit) => str("model_page.head." + habit))],
    rows: scores.flatMap((row, layer) =>
      row.map((_, head) => [layer, head, ...HABITS.map((habit) => found[habit].heads[layer][head])]),
    ),
  };
}

// The head that has a habit most.
/** @type {(habit: Habit, str: Say) => string} */
export function bestHead({ best }, str) {
  return best
    .slice(0, 1)
    .map(({ layer, head, score }) => str("model_page.head_score", { layer, head, score: fmtNumber(score, 2) }))
    .join(" · ");
}

// `scored`: [[name, { n, top1, top5 }, { repetition, distinct_2 } or undefined]…]
/** @type {(scored: Scored[], str: Say) => TableTold} */
export function clozeTable(scored, str) {
  const names = ["language", "cloze1", "cloze5", "repeated", "distinct"];
  return {
    reading: scored
      .map(([name, { top1, top5 }]) => `${name}: ${fmtPercent(top1, 0)} / ${fmtPercent(top5, 0)}`)
      .join("; "),
    columns: [...names.map((name) => str("model_page.column." + name)), ...columnsOf(["count"], str)],
    rows: scored.map(([name, { n, top1, top5 }, told]) => [
      name,
      top1,
      top5,
      told?.repetition ?? null,
      told?.distinct_2 ?? null,
      n,
    ]),
  };
}

/** @type {(samples: Sample[], str: Say) => TableTold} */
export function samplesTable(samples, str) {
  return {
    reading: str("model_page.samples_note"),
    columns: columnsOf(["prompt", "text"], str),
    rows: samples.map(({ prompt, text }) => [prompt, text]),
  };
}

/** @type {(data: TextPart[], str: Say) => TableTold} */
export function textsTable(data, str) {
  const names = ["part", "share", "size", "licence", "source"];
  return {
    reading: data.map(({ name, share }) => `${name}: ${fmtPercent(share)}`).join("; "),
    columns: names.map((name) => str("model_page.column." + name)),
    rows: data.map((part) => [part.name, part.share, part.megabytes, part.licence, part.source]),
  };
}

/** @type {(names: readonly string[], str: Say) => string[]} */
function columnsOf(names, str) {
  return names.map((name) => str("model_page.table." + name));
}

/** @type {(text: string) => string} */
function oneLine(text) {
  return text.replaceAll("\n", "↵");
}
