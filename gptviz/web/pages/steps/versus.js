// The model's distribution at the same step of both branches: A to the left, B to the right of the same tokens.

import { barScale, barWidth } from "../../kit/bars.js";
import { el, fmtNumber, fmtPercent, partsOf, setAttr, setClass, setStyle, setText, slots } from "../../kit/dom.js";
import { spacer } from "../../kit/panel.js";

/** @import { Page } from "./types.d.ts" */
/** @import { PairRow, PairView } from "./message.d.ts" */
/** @import { Told } from "./types.d.ts" */

// update(pair) draws; the rows are the same for both, the others are one bar.
/** @type {(host: HTMLElement, api: Page) => { update: (pair: PairView & Told) => void }} */
export function createVersus(host, api) {
  const title = el("h3", {});
  const small = el("small", { text: api.str("steps.pair.distributions_small") });
  const apart = el("span", { class: "mono apart", title: api.str("steps.pair.divergence_hint") });
  const rows = el("div", { class: "versus", role: "img", "data-testid": "versus" });
  const ends = el("div", { class: "versus-ends mono" }, el("span", {}), el("span", {}));
  host.append(el("div", { class: "head" }, title, small, spacer(), apart), rows, ends);
  return {
    update: (pair) => {
      setText(title, api.str("steps.pair.distributions", { step: pair.step + 1 }));
      setText(apart, api.str("steps.pair.divergence", { bits: fmtNumber(pair.divergence, 3) }));
      drawVersus(rows, pair, api);
      setText(ends.children[0], "A · " + api.str("steps.pair.entropy", { bits: fmtNumber(pair.a.entropy, 2) }));
      setText(ends.children[1], "B · " + api.str("steps.pair.entropy", { bits: fmtNumber(pair.b.entropy, 2) }));
    },
  };
}

/** @type {(host: HTMLElement, pair: PairView & Told, api: Page) => void} */
function drawVersus(host, pair, api) {
  const { rows, tail } = pair;
  const best = Math.max(...rows.flatMap((row) => [row.p_a, row.p_b]));
  const most = barScale(best, Math.max(tail.p_a, tail.p_b));
  const made = slots(host, rows.length + 1, versusRow);
  rows.forEach((row, i) =>
    writeVersus(made[i], row.label, [row.p_a, row.p_b], most, versusTitle(row, api), [row.next_a, row.next_b]),
  );
  const label = api.str("steps.others", { count: fmtNumber(tail.count) });
  writeVersus(made[rows.length], label, [tail.p_a, tail.p_b], most, label, [false, false]);
  rows.forEach((_, i) => setClass(made[i], "others", false));
  setClass(made[rows.length], "others", true);
  setAttr(host, "aria-label", pair.reading);
}

/** @type {() => HTMLElement} */
function versusRow() {
  /** @param {string} name */
  const side = (name) =>
    el("span", { class: "side " + name }, el("span", { class: "mono n" }), el("span", { class: "rail" }, el("i", {})));
  return el("div", { class: "versus-row" }, side("a"), el("span", { class: "mono l" }), side("b"));
}

/** @type {(node: HTMLElement, label: string, values: number[], most: number, title: string, next: boolean[]) => void} */
function writeVersus(node, label, values, most, title, next) {
  setAttr(node, "title", title);
  setText(node.children[1], label);
  const [a, , b] = partsOf(node);
  [a, b].forEach((side, i) => {
    const [figure, rail] = partsOf(side);
    setText(figure, fmtPercent(values[i]));
    setStyle(partsOf(rail)[0], "width", barWidth(values[i], most));
    setClass(side, "broken", values[i] > most);
    setClass(side, "next", next[i]);
  });
}

/** @type {(row: PairRow, api: Page) => string} */
function versusTitle(row, api) {
  const values = {
    label: row.label,
    a: fmtPercent(row.p_a, 2),
    b: fmtPercent(row.p_b, 2),
    rank_a: fmtNumber(row.rank_a),
    rank_b: fmtNumber(row.rank_b),
  };
  const goes = [row.next_a && "A", row.next_b && "B"]
    .filter(Boolean)
    .map((name) => api.str("steps.pair.goes_on", { name }));
  return [api.str("steps.pair.row", values), ...goes].join("\n");
}
