// Rolling the die: so many tokens drawn, and how far their shares are from the bars, beside what theory expects.

import { el, fmtNumber, setAttr, setText } from "../../kit/dom.js";
import { createHead, spacer } from "../../kit/panel.js";
import { powerTicks } from "../../kit/axis.js";
import { createSeed } from "../../kit/number.js";
import { createPlot } from "../../kit/plot.js";

/** @import { Line, PlotSpec } from "../../kit/plot.js" */
/** @import { Live, Page, Panel, Shown } from "./types.d.ts" */
/** @import { Roll } from "./message.d.ts" */
/** @import { Table } from "../../types.d.ts" */
/** @import { Check } from "./message.d.ts" */

const ROLL_TIMES = [1, 10, 1000, 10000];

/** @type {(host: HTMLElement, api: Page, live: Live) => Panel} */
export function createRoll(host, api, live) {
  /** @type {Shown | null} */
  let shown = null;
  const small = el("small", { text: api.str("playground.roll_small") });
  const head = createHead(api.str("playground.roll_title"), small, spacer());
  /** @param {number} times */
  const roll = (times) => {
    live.settle();
    api.act({ kind: "roll", times });
  };
  const times = ROLL_TIMES.map((count) =>
    el("button", {
      type: "button",
      class: count === 1000 ? "btn primary" : "btn",
      "data-testid": "roll-" + count,
      text: "× " + fmtNumber(count),
      title: api.str("playground.roll_hint", { count: fmtNumber(count) }),
      onclick: () => {
        const die = shown?.header.roll;
        if (die && die.n < die.most) roll(count);
      },
    }),
  );
  const reset = el("button", {
    type: "button",
    class: "btn",
    "data-testid": "reset",
    text: api.str("playground.reset"),
    onclick: () => api.act({ kind: isRolling(shown?.header.roll) ? "stop" : "reset" }),
  });
  const seed = createSeed(api, {
    label: api.str("playground.seed"),
    hint: api.str("playground.seed_hint"),
    again: api.str("playground.reroll"),
  });
  const state = el("p", { class: "roll-state" });
  const facts = el("p", { class: "roll-facts" });
  const panel = el(
    "div",
    { class: "panel dice", "data-testid": "roll" },
    el("div", { class: "roll-buttons" }, el("span", { class: "try", text: api.str("playground.roll") }), times, reset),
    state,
  );
  host.append(head, panel);
  const plot = createPlot(panel, api.onResize);
  panel.append(facts, seed.node);
  head.append(
    api.menu({
      title: api.str("playground.roll_title"),
      reading: () => shown?.header.roll?.reading ?? api.str("empty.hint"),
      python: () => shown?.header.roll?.python ?? "",
      table: () => rollTable(shown?.header.roll, api),
      picture: () => (shown?.header.roll?.n ? plot.picture : null),
    }),
  );

  /** @param {Shown} picture */
  function update(picture) {
    const { roll: die } = picture.header;
    shown = die ? picture : null;
    seed.show(api.view());
    for (const button of times) setAttr(button, "aria-disabled", !die || die.n >= die.most ? "true" : null);
    setAttr(reset, "aria-disabled", !die || (die.n === 0 && die.goal === 0) ? "true" : null);
    setText(reset, api.str(isRolling(die) ? "playground.stop" : "playground.reset"));
    setAttr(panel, "data-n", die ? die.n : 0);
    if (!die) {
      setText(state, "");
      setText(facts, "");
      return plot.clear();
    }
    setText(
      state,
      die.last
        ? api.str("playground.rolled", { n: fmtNumber(die.n), label: die.last.label, u: fmtNumber(die.last.u, 3) })
        : api.str("playground.not_rolled"),
    );
    setText(
      facts,
      die.now
        ? api.str("playground.distances", {
            shown: fmtNumber(die.now.shown, 3),
            expected: fmtNumber(die.now.shown_expected, 3),
            all: fmtNumber(die.now.all, 3),
          })
        : "",
    );
    plot.draw(distanceChart(die, api), picture.theme);
  }
  return { update };
}

/** @type {(die: Roll | undefined) => boolean} */
function isRolling(die) {
  return die !== undefined && die.n < die.goal;
}

// Both distances as measured and as expected, on logarithmic axes, and the line ∝ 1/√n that the expected one comes to.
/** @type {(die: Roll, api: Page) => PlotSpec} */
function distanceChart(die, api) {
  const { now, limit = 0 } = die;
  const checks = now && die.checks.at(-1)?.n !== die.n ? [...die.checks, now] : die.checks;
  const most = 10 ** Math.max(3, Math.ceil(Math.log10(Math.max(die.n, 2))));
  const seen = checks.map((check) => check.shown).filter((distance) => distance > 0); // a logarithmic axis has no place for 0
  const low = Math.max(-4, Math.min(-2, Math.floor(Math.log10(Math.min(...seen, 0.01)))));
  /** @param {keyof Check} name @param {string} style */
  const line = (name, style) => ({
    points: checks.map((check) => /** @type {[number, number | null]} */ ([check.n, check[name] || null])),
    class: style,
  });
  /** @type {Line[]} */
  const guide =
    die.n && limit > 0
      ? [
          {
            points: [
              [1, limit],
              [most, limit / Math.sqrt(most)],
            ],
            class: "root",
          },
        ]
      : [];
  /** @param {number} value @param {string} style @param {string} text @param {string} [side] */
  const mark = (value, style, text, side) =>
    die.n && value > 0 ? [{ x: die.n, y: value, class: style, text, side }] : [];
  const marks = [
    ...mark(now?.shown ?? 0, "drawn", api.str("playground.these_bars")),
    ...mark(now?.all ?? 0, "drawn soft-line", api.str("playground.all_tokens"), "above"),
  ];
  return {
    x: {
      log: true,
      min: 1,
      max: most,
      ticks: powerTicks(0, Math.round(Math.log10(most)), 6),
      title: api.str("playground.n_axis"),
    },
    y: {
      log: true,
      min: 10 ** low,
      max: 1,
      ticks: powerTicks(low, 0, 5),
      title: api.str("playground.distance_axis"),
    },
    lines: [
      ...guide,
      line("all_expected", "theory"),
      line("shown_expected", "theory"),
      line("all", "drawn soft-line"),
      line("shown", "drawn"),
    ],
    marks,
    label: die.reading,
  };
}

/** @type {(die: Roll | undefined, api: Page) => Table} */
function rollTable(die, api) {
  const names = ["n", "distance", "expected", "distance_all", "expected_all"];
  const columns = names.map((name) => api.str("playground.column." + name));
  if (!die?.n) return { columns, rows: [] };
  return {
    columns,
    rows: die.checks.map((check) => [check.n, check.shown, check.shown_expected, check.all, check.all_expected]),
  };
}
