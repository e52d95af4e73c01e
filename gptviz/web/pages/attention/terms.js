// What is written of a sum: the number's name, its formula with the letters of the field, and a line for each term.

import { fmtNumber, numbersOf } from "../../kit/dom.js";
import { fmtOperand } from "../../kit/numbers.js";

/** @import { Full, Page, TermLine } from "./types.d.ts" */
/** @import { Summed } from "./message.d.ts" */

/** @type {Record<string, string>} */
const SYMBOLS = {
  x: "x",
  norm: "x̂",
  q_plain: "q′",
  q_unit: "q″",
  q: "q",
  k_plain: "k′",
  k_unit: "k″",
  k: "k",
  v: "v",
  raw: "q·k",
  scores: "s",
  masked: "s",
  pattern: "a",
  weighted: "a·v",
  z: "z",
  concat: "z",
  own: "o",
  out: "o",
  mid: "x′",
};
const ONE_EACH = ["raw", "scores", "masked", "pattern"];

// q[12], or a(on → cat) where there is one for each key.
/** @type {(sum: Summed, picture: Full, api: Page) => string} */
export function nameOf({ step, index, key }, picture, api) {
  const { flow, view } = picture.header;
  const at =
    key === null
      ? ""
      : step[0] === "k" || step === "v"
        ? ` (${flow.labels[key]})`
        : ` (${flow.labels[view.pos ?? 0]} → ${flow.labels[key]})`;
  const head = step === "own" ? api.str("attend.of_head", { head: view.head }) : "";
  return symbol(step, picture) + (ONE_EACH.includes(step) ? "" : `[${index}]`) + head + at;
}

// Where nothing turns or normalises queries and keys, what the matrix gives is q itself.
/** @type {(step: string, picture: Full) => string} */
function symbol(step, picture) {
  const { flow } = picture.header;
  if (step === "q_plain" || step === "k_plain")
    return flow.position === "rotary" || flow.steps.includes("q_unit") ? SYMBOLS[step] : step[0];
  return SYMBOLS[step];
}

/** @type {(sum: Summed, picture: Full, api: Page) => string} */
export function formulaOf(sum, picture, api) {
  const { step, index, rule, facts } = sum;
  const w = (/** @type {number} */ x) => fmtOperand(x);
  const bias = sum.bias === null ? "" : ` + b[${index}]`;
  if (rule === "norm") {
    const above = "mean" in facts ? `(${w(facts.x)} − ${signedText(facts.mean)})` : w(facts.x);
    return `${above} / ${w(facts.spread)} · γ[${index}]${sum.bias === null ? "" : ` + β[${index}]`}`;
  }
  if (rule === "turn") return api.str("attend.turn", { pos: facts.pos, angle: fmtNumber(facts.angle, 3) });
  if (rule === "divide") return `q·k / √${picture.header.flow.head_dim} = ${w(facts.raw)} / ${w(facts.root)}`;
  if (rule === "mask")
    return facts.open
      ? api.str("attend.seen", { score: w(facts.score) })
      : api.str("attend.unseen", { score: w(facts.score) });
  if (rule === "softmax") return softmaxText(sum, api);
  if (rule === "copy") return api.str("attend.copied", { head: facts.head, index: facts.index });
  if (step === "raw") return "Σ q[i] · k[i]";
  if (step === "z") return `Σ a(key) · v(key)[${index}]`;
  if (step === "weighted") return `a · v[${index}]`;
  if (step === "own") return `Σ z[i] · W_O[i, ${index}]`;
  if (rule === "products") return `Σ x̂[c] · W_${step[0]}[c, ${index}]${bias}`;
  return step === "out" ? `Σ ${api.str("attend.heads_add")}${bias}` : api.str("attend.adds_up");
}

/** @type {(sum: Summed, api: Page) => string} */
function softmaxText({ facts, total }, api) {
  if (!facts.open) return api.str("attend.no_weight");
  const shift = facts.shift ? ` − ${signedText(facts.shift)}` : "";
  return `e^(s${shift}) / Σ = ${fmtOperand(facts.exp)} / ${fmtOperand(facts.sum)} = ${fmtOperand(total)}`;
}

/** @type {(x: number) => string} */
function signedText(x) {
  return x < 0 ? `(${fmtOperand(x)})` : fmtOperand(x);
}

/** @type {(sum: Summed, picture: Full, api: Page) => TermLine[]} */
export function termsOf(sum, picture, api) {
  const table = numbersOf(picture, "terms");
  return Array.from({ length: table.length / 3 }, (_, i) => {
    const [a, b, amount] = [table[3 * i], table[3 * i + 1], table[3 * i + 2]];
    return {
      name: termName(sum, i, picture, api),
      operands: operandsText(sum, a, b),
      amount,
      to: sourceOf(sum, i, picture),
    };
  });
}

/** @type {(sum: Summed, a: number, b: number) => string} */
function operandsText({ rule, operands, facts }, a, b) {
  if (rule === "softmax")
    return facts.shift ? `e^(${fmtOperand(a)} − ${signedText(facts.shift)})` : `e^${signedText(a)}`;
  if (rule === "divide") return `${fmtOperand(facts.raw)} / ${fmtOperand(facts.root)}`;
  return operands === 2 ? `${fmtOperand(a)} · ${signedText(b)}` : "";
}

/** @type {(sum: Summed, i: number, picture: Full, api: Page) => string} */
function termName({ step, rule, names }, i, picture, api) {
  const { labels } = picture.header.flow;
  if (rule === "turn") return `[${names[i]}]`;
  if (step === "out") return api.str("panel.attention.head", { index: names[i] });
  if (rule === "parts") return api.str("attend.part." + names[i]);
  if (names.length) return labels[Number(names[i])];
  return rule === "products" ? String(i) : "";
}

// Where the first operand of a term stands, as controls that choose it.
/** @type {(sum: Summed, i: number, picture: Full) => Record<string, unknown> | undefined} */
function sourceOf({ step, rule, index, names, key }, i, picture) {
  const { view, flow } = picture.header;
  if (rule === "softmax") return { step: "masked", index: 0, key: Number(names[i]) };
  if (rule === "turn")
    return { step: step + (flow.steps.includes("q_unit") ? "_unit" : "_plain"), index: Number(names[i]) };
  if (step === "raw") return { step: "q", index: i };
  if (step === "z") return { step: "pattern", index: 0, key: Number(names[i]) };
  if (step === "own") return { step: "z", index: i };
  if (step === "out")
    return Number(names[i]) === view.head ? { step: "own", index } : { head: Number(names[i]), step: "own", index };
  if (step === "mid") return { step: names[i] === "before" ? "x" : "out", index };
  const ofQuery = key === null || key === view.pos;
  return rule === "products" && ofQuery && step !== "weighted" ? { step: "norm", index: i } : undefined;
}
