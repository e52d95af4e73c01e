// Rolling the die: so many tokens drawn, and how far their shares are from the bars, beside what theory expects.

import { el, fmtNumber, setAttr, setText } from "../../kit/dom.js";
import { createHead, spacer } from "../../kit/panel.js";
import { powerTicks } from "../../kit/axis.js";
import { createSeed } from "../../kit/number.js";
import { createPlot } from "../../kit/plot.js";

const ROLL_TIMES = [1, 10, 1000, 10000];

export function createRoll(host, api, live) {
  let shown = null;
  const small = el("small", { text: api.str("playground.roll_small") });
  const head = createHead(api.str("playground.roll_title"), small, spacer());
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
      onclick: (event) => event.currentTarget.getAttribute("aria-disabled") !== "true" && roll(count),
    }),
  );
  const reset = el("button", {
    type: "button",
    class: "btn",
    "data-testid": "reset",
    text: api.str("playground.reset"),
    onclick: () => api.act({ kind: shown?.header.roll.n < shown?.header.roll.goal ? "stop" : "reset" }),
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
      reading: () => shown?.header.roll.reading ?? api.str("empty.hint"),
      python: () => shown?.header.roll.python ?? "",
      table: () => rollTable(shown, api),
      picture: () => (shown?.header.roll.n ? plot.picture : null),
    }),
  );

  function update(picture) {
    const { roll: die } = picture.header;
    shown = die ? picture : null;
    seed.show(api.view());
    for (const button of times) setAttr(button, "aria-disabled", !die || die.n >= die.most ? "true" : null);
    setAttr(reset, "aria-disabled", !die || (die.n === 0 && die.goal === 0) ? "true" : null);
    setText(reset, api.str(die && die.n < die.goal ? "playground.stop" : "playground.reset"));
    setAttr(panel, "data-n", die ? die.n : 0);
    if (!die) {
      setText(state, "");
      setText(facts, "");
      return plot.clear();
    }
    setText(
      state,
      die.n
        ? api.str("playground.rolled", { n: fmtNumber(die.n), label: die.last.label, u: die.last.u.toFixed(3) })
        : api.str("playground.not_rolled"),
    );
    setText(
      facts,
      die.n
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

// Both distances as measured and as expected, on logarithmic axes, and the line ∝ 1/√n that the expected one comes to.
function distanceChart(die, api) {
  const checks = die.n && die.checks.at(-1)?.n !== die.n ? [...die.checks, die.now] : die.checks;
  const most = 10 ** Math.max(3, Math.ceil(Math.log10(Math.max(die.n, 2))));
  const seen = checks.map((check) => check.shown).filter((distance) => distance > 0); // a logarithmic axis has no place for 0
  const low = Math.max(-4, Math.min(-2, Math.floor(Math.log10(Math.min(...seen, 0.01)))));
  const line = (name, style) => ({ points: checks.map((check) => [check.n, check[name] || null]), class: style });
  const guide =
    die.n && die.limit > 0
      ? [
          {
            points: [
              [1, die.limit],
              [most, die.limit / Math.sqrt(most)],
            ],
            class: "root",
          },
        ]
      : [];
  const mark = (value, style, text, side) =>
    die.n && value > 0 ? [{ x: die.n, y: value, class: style, text, side }] : [];
  const marks = [
    ...mark(die.now?.shown, "drawn", api.str("playground.these_bars")),
    ...mark(die.now?.all, "drawn soft-line", api.str("playground.all_tokens"), "above"),
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

function rollTable(picture, api) {
  const names = ["n", "distance", "expected", "distance_all", "expected_all"];
  const columns = names.map((name) => api.str("playground.column." + name));
  if (!picture?.header.roll.n) return { columns, rows: [] };
  return {
    columns,
    rows: picture.header.roll.checks.map((check) => [
      check.n,
      check.shown,
      check.shown_expected,
      check.all,
      check.all_expected,
    ]),
  };
}
