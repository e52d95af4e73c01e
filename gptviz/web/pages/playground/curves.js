// Two curves of the softmax: probability by rank on logarithmic axes, and entropy against temperature.

import { el, fmtNumber, numbersOf, setAttr } from "../../kit/dom.js";
import { createHead, spacer } from "../../kit/panel.js";
import { evenTicks, powerTicks } from "../../kit/axis.js";
import { createPlot } from "../../kit/plot.js";
import { nearestStep } from "./live.js";

/** @import { Live, Page, Panel, Shown } from "./types.d.ts" */
/** @import { Plot } from "../../kit/plot.js" */
/** @import { Table } from "../../types.d.ts" */
/** @import { Line } from "../../kit/plot.js" */

const LOWEST_POWER = -12; // of a probability on the axis
const LEAST_POWERS = 4;

/** @type {(host: HTMLElement, api: Page, live: Live) => Panel} */
export function createRankCurve(host, api, live) {
  /** @type {Shown | null} */
  let shown = null;
  const plot = chartPanel(
    host,
    api,
    "rank",
    () => shown,
    (picture) => rankTable(picture, api, live),
  );
  /** @param {Shown} picture */
  function update(picture) {
    const { soft, curves } = picture.header;
    shown = soft ? picture : null;
    if (!soft || !curves) return plot.clear();
    const wanted = live.get("temperature");
    const at = nearestStep(soft.temperatures, wanted);
    const one = nearestStep(soft.temperatures, 1);
    const curve = numbersOf(picture, "curve");
    const count = curves.ranks.length;
    const lowest = Math.max(LOWEST_POWER, Math.min(-LEAST_POWERS, Math.floor(curve[one * count + count - 1]) - 1));
    /** @type {(row: number) => Line["points"]} */
    const points = (row) =>
      curves.ranks.map((rank, i) => [
        rank,
        curve[row * count + i] === -Infinity ? null : 10 ** Math.max(lowest - 1, curve[row * count + i]),
      ]);
    const powers = Math.floor(Math.log10(soft.vocab_size));
    const lines = [
      { points: points(one), class: "plain" },
      { points: points(at), class: "main" },
    ];
    plot.draw(
      {
        x: {
          log: true,
          min: 1,
          max: soft.vocab_size,
          ticks: powerTicks(0, powers, 6),
          title: api.str("playground.rank_axis"),
        },
        y: {
          log: true,
          min: 10 ** lowest,
          max: 1,
          ticks: powerTicks(lowest, 0, 5),
          title: api.str("playground.probability"),
        },
        lines,
        guides: [{ y: 1 / soft.vocab_size, class: "quiet", text: api.str("playground.uniform"), side: "left" }],
        marks: [{ x: 1, y: 10 ** curve[at * count], class: "main" }],
        label: curves.rank_reading,
      },
      picture.theme,
    );
  }
  return { update };
}

/** @type {(host: HTMLElement, api: Page, live: Live) => Panel} */
export function createEntropyCurve(host, api, live) {
  /** @type {Shown | null} */
  let shown = null;
  const plot = chartPanel(
    host,
    api,
    "entropy",
    () => shown,
    (picture) => entropyTable(picture, api),
  );
  /** @param {Shown} picture */
  function update(picture) {
    const { soft, curves } = picture.header;
    shown = soft ? picture : null;
    if (!soft || !curves) return plot.clear();
    const entropy = numbersOf(picture, "entropy");
    const at = nearestStep(soft.temperatures, live.get("temperature"));
    const most = Math.log2(soft.vocab_size);
    const every = most > 10 ? 4 : 2;
    const choices = powerTicks(0, Math.floor(Math.log10(soft.vocab_size)), 6);
    plot.draw(
      {
        x: {
          min: 0,
          max: soft.temperatures[soft.temperatures.length - 1],
          ticks: evenTicks(0, soft.temperatures[soft.temperatures.length - 1], 1),
          title: api.str("playground.temperature"),
        },
        y: { min: 0, max: most * 1.06, ticks: evenTicks(0, most, every), title: api.str("playground.entropy_axis") },
        right: {
          ticks: choices.map(([value, text]) => [Math.log2(value), text]),
          title: api.str("playground.effective"),
        },
        lines: [{ points: soft.temperatures.map((t, i) => [t, entropy[i]]), class: "main" }],
        guides: [
          { y: most, class: "quiet", text: api.str("playground.uniform") },
          { x: soft.temperatures[at], class: "now" },
        ],
        marks: [
          {
            x: soft.temperatures[at],
            y: entropy[at],
            class: "main",
            text: api.str("playground.bits", { bits: fmtNumber(entropy[at], 2) }),
            side: entropy[at] < 1.5 ? "above" : "below",
          },
        ],
        label: curves.entropy_reading,
      },
      picture.theme,
    );
  }
  return { update };
}

// A panel with a heading, a chart and its menu; the strings are playground.<name>_title and _small.
/** @type {(host: HTMLElement, api: Page, name: "rank" | "entropy", shown: () => Shown | null, table: (picture: Shown) => Table) => Plot} */
function chartPanel(host, api, name, shown, table) {
  const head = createHead(
    api.str(`playground.${name}_title`),
    el("small", { text: api.str(`playground.${name}_small`) }),
    spacer(),
  );
  host.append(head);
  const plot = createPlot(host, api.onResize);
  setAttr(plot.node, "data-testid", name + "-curve");
  head.append(
    api.menu({
      title: api.str(`playground.${name}_title`),
      reading: () => shown()?.header.curves?.[`${name}_reading`] ?? api.str("empty.hint"),
      python: () => shown()?.header.curves?.[`${name}_python`] ?? "",
      table: () => {
        const picture = shown();
        return picture ? table(picture) : { columns: [], rows: [] };
      },
      picture: () => (shown() ? plot.picture : null),
    }),
  );
  return plot;
}

/** @type {(picture: Shown, api: Page, live: Live) => Table} */
function rankTable(picture, api, live) {
  const { soft, curves } = picture.header;
  if (!soft || !curves) return { columns: [], rows: [] };
  const curve = numbersOf(picture, "curve");
  const count = curves.ranks.length;
  const at = nearestStep(soft.temperatures, live.get("temperature"));
  const one = nearestStep(soft.temperatures, 1);
  /** @param {number} row @param {number} i */
  const p = (row, i) => 10 ** curve[row * count + i];
  return {
    columns: ["rank", "p", "p_one"].map((name) => api.str("playground.column." + name)),
    rows: curves.ranks.map((rank, i) => [rank, p(at, i), p(one, i)]),
  };
}

/** @type {(picture: Shown, api: Page) => Table} */
function entropyTable(picture, api) {
  const [entropy, effective] = [numbersOf(picture, "entropy"), numbersOf(picture, "effective")];
  const columns = [
    api.str("playground.temperature"),
    api.str("playground.entropy_axis"),
    api.str("playground.effective"),
  ];
  return { columns, rows: (picture.header.soft?.temperatures ?? []).map((t, i) => [t, entropy[i], effective[i]]) };
}
