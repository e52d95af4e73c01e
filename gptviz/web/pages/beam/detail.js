// One hypothesis: its text, its arithmetic written out, and what became of it and why, in a sentence with the numbers.

import { el, fixed, fmtNumber, fmtPercent, setAttr, setText, slots } from "../../kit/dom.js";
import { addingUp } from "../../kit/numbers.js";
import { createHead, spacer } from "../../kit/panel.js";
import { shownSteps } from "./stepper.js";
import { chosenNode, fateAt, lineOf } from "./tree.js";

/** @import { Looked, Page, Panel } from "./types.d.ts" */
/** @import { Node, TreeView } from "./message.d.ts" */
/** @import { Table } from "../../types.d.ts" */

const MOST_DIGITS = 5;

// Gives { update(picture), reading(), table() }.
/** @type {(host: HTMLElement, api: Page) => Panel} */
export function createDetail(host, api) {
  const small = el("small", {});
  const text = el("p", { class: "so-far", "data-testid": "so-far" });
  const terms = el("div", { class: "beam-terms", tabindex: "0", "aria-label": api.str("beam.terms") });
  const sums = el("div", { class: "sums mono", "data-testid": "sums" });
  const fate = el("p", { class: "fate", "data-testid": "fate" });
  /** @type {Looked} */
  const state = { data: null, node: null, at: 0 };
  const said = () =>
    state.node && state.data ? fateSentence(api, state.data, state.node, state.at) : api.str("beam.reading.none");
  const more = api.menu({
    title: () => api.str("beam.detail"),
    reading: said,
    table: () => termTable(api, state),
    picture: () => (state.node ? host : null),
    python: () => state.data?.python,
  });
  host.append(createHead(api.str("beam.detail"), small, spacer(), more), text, terms, sums, fate);
  return {
    update: ({ header }) => {
      const view = api.view();
      const data = header.tree;
      const node = chosenNode(data, view);
      Object.assign(state, { data, node, at: shownSteps(data, view) });
      setAttr(host, "data-empty", node ? null : "");
      setText(small, node ? api.str("beam.detail_small", placeOf(data, node)) : "");
      setText(text, node ? node.text || api.str("beam.no_text") : "");
      setText(fate, said());
      setAttr(fate, "class", "fate " + (node ? fateAt(node, state.at) : ""));
      showTerms(terms, sums, api, data, node);
    },
  };
}

/** @type {(data: TreeView, node: Node) => { step: number, rank: number, looked: number }} */
function placeOf(data, node) {
  const looked = data.nodes.filter((other) => other.step === node.step && other.group === node.group).length;
  return { step: node.step + 1, rank: node.rank, looked };
}

/** @type {(data: TreeView, node: Node) => Node[]} */
function pathOf(data, node) {
  const line = lineOf(data, node);
  return data.nodes.filter((other) => line.has(other.id));
}

/** @type {(terms: HTMLElement, sums: HTMLElement, api: Page, data: TreeView, node: Node | null) => void} */
function showTerms(terms, sums, api, data, node) {
  const path = node ? pathOf(data, node) : [];
  const made = slots(terms, path.length, () =>
    el("span", { class: "term" }, el("span", { class: "t" }), el("span", { class: "mono v" })),
  );
  const { digits, exact } = digitsOf(path);
  path.forEach((term, i) => {
    setText(made[i].children[0], term.ends ? api.str("beam.end_token") : term.label);
    setText(
      made[i].children[1],
      fmtNumber(term.logprob, digits) + (term.penalty ? " − " + fmtNumber(term.penalty, digits) : ""),
    );
    setAttr(made[i], "title", api.str("beam.term", { p: fmtPercent(term.p), logprob: fmtNumber(term.logprob, 4) }));
  });
  terms.scrollTop = terms.scrollHeight;
  const lines = node ? sumLines(api, data, node, path.length, { digits, exact }) : [];
  const rows = slots(sums, lines.length, () => el("div", {}, el("span", {}), el("b", {})));
  lines.forEach(([name, value], i) => {
    setText(rows[i].children[0], name);
    setText(rows[i].children[1], value);
  });
}

// The fewest digits with which the terms as they are written add up to the total, and that divided gives the score; where none of
// them do, the lines say that they are rounded.
/** @type {(path: Node[]) => { digits: number, exact: boolean }} */
function digitsOf(path) {
  const node = path.at(-1);
  if (!node) return { digits: 2, exact: true };
  const parts = path.flatMap(({ logprob, penalty }) => (penalty ? [logprob, -penalty] : [logprob]));
  const fewest = path.some(({ logprob }) => logprob > -0.01) ? 4 : 2; // a term that is none is no 0.00
  for (let digits = fewest; digits <= MOST_DIGITS; digits += 1) {
    const score = Number(fixed(node.total, digits)) / Number(fixed(node.divisor, divisorDigits(node)));
    if (addingUp(parts, node.total, digits, digits) && fixed(score, 3) === fixed(node.score, 3))
      return { digits, exact: true };
  }
  return { digits: MOST_DIGITS, exact: false };
}

/** @type {(node: Node) => number} */
function divisorDigits(node) {
  return Number.isInteger(node.divisor) ? 0 : 3;
}

/** @type {(api: Page, data: TreeView, node: Node, length: number, how: { digits: number, exact: boolean }) => [string, string][]} */
function sumLines(api, data, node, length, { digits, exact }) {
  const power = fmtNumber(data.length_penalty, Number.isInteger(data.length_penalty) ? 0 : 1);
  return [
    [api.str(exact ? "beam.sum" : "beam.sum_rounded", { length }), fmtNumber(node.total, digits)],
    [
      `÷ ${length}^${power} = ${fmtNumber(node.divisor, divisorDigits(node))}`,
      api.str("beam.score", { score: fmtNumber(node.score, 3) }),
    ],
  ];
}

// What became of the node, as far as the steps shown can tell.
/** @type {(api: Page, data: TreeView, node: Node, at: number) => string} */
export function fateSentence(api, data, node, at) {
  const fate = fateAt(node, at);
  const { rank, looked } = placeOf(data, node);
  const values = {
    rank,
    looked,
    total: fmtNumber(node.total, 2),
    score: fmtNumber(node.score, 3),
    width: data.group_width,
    until: node.until === null ? "" : node.until + 1,
    against: fmtNumber(node.against, fate === "crowded_out" || fate === "ended_too_low" ? 2 : 3),
  };
  const said = [api.str("beam.fate." + fateKey(data, node, fate), values)];
  if (node.penalty) said.push(api.str("beam.penalised", { penalty: fmtNumber(node.penalty, 2) }));
  if (fate === "kept" && node.step < at - 1)
    said.push(api.str(node.heirs ? "beam.heirs.some" : "beam.heirs.none", { heirs: node.heirs }));
  if (node.winner && data.done && at === data.steps) said.push(api.str("beam.fate.winner"));
  return said.join(" ").replaceAll("。 ", "。");
}

/** @type {(data: TreeView, node: Node, fate: string) => string} */
function fateKey(data, node, fate) {
  if (fate === "finished") return node.ends ? "finished" : "finished_limit";
  if (fate === "ended_too_low") return node.ends ? "ended_too_low" : "limit_too_low";
  if (fate === "outscored") return node.until === null ? "outscored" : "outscored_later";
  if (fate === "stopped" && data.early_stopping === true) return "stopped_early";
  return fate;
}

/** @type {(api: Page, looked: Looked) => Table} */
function termTable(api, { data, node }) {
  const columns = ["step", "token", "probability", "logprob", "penalty", "total", "score"].map((name) =>
    api.str("beam.column." + name),
  );
  const rows =
    node && data
      ? pathOf(data, node).map((n) => [
          n.step + 1,
          n.ends ? api.str("beam.end_token") : n.label,
          n.p,
          n.logprob,
          n.penalty,
          n.total,
          n.score,
        ])
      : [];
  return { columns, rows };
}
