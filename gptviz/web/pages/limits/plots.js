// The two plots: confidence against accuracy with the intervals of small bins, and bits a token by position.

import { evenTicks, roundStep } from "../../kit/axis.js";
import { fmtNumber, fmtPercent } from "../../kit/dom.js";

/** @import { Page } from "./types.d.ts" */
/** @import { Part } from "./message.d.ts" */
/** @import { PlotSpec } from "../../kit/plot.js" */

/** @type {(part: Part, api: Page) => PlotSpec} */
export function plotOf(part, api) {
  return part.plot === "calibration" ? calibrationPlot(part, api) : positionPlot(part, api);
}

/** @type {(part: Part, api: Page) => PlotSpec} */
function calibrationPlot({ dots }, api) {
  const ticks = evenTicks(0, 4, 1).map(([at]) => /** @type {[number, string]} */ ([at / 4, fmtPercent(at / 4, 0)]));
  const said = dots.map(({ x, y, n }) => `${fmtPercent(x, 0)} → ${fmtPercent(y, 0)} (${n})`).join(", ");
  return {
    x: { min: 0, max: 1, ticks, title: api.str("limits.confidence") },
    y: { min: 0, max: 1, ticks, title: api.str("limits.accuracy") },
    lines: [
      {
        points: [
          [0, 0],
          [1, 1],
        ],
        class: "diagonal",
      },
      ...dots.map(({ x, low, high }) => ({
        points: /** @type {[number, number][]} */ ([
          [x, low],
          [x, high],
        ]),
        class: "whisker",
      })),
      { points: dots.map(({ x, y }) => [x, y]), class: "main" },
    ],
    marks: dots.map(({ x, y, n }) => ({
      x,
      y,
      class: "point",
      text: api.str("limits.dot_count", { n }),
      side: y > 0.9 ? "below" : "above",
    })),
    guides: [],
    label: api.str("limits.plot_label", { n: dots.length, points: said }),
  };
}

/** @type {(part: Part, api: Page) => PlotSpec} */
function positionPlot({ dots }, api) {
  const longest = Math.max(2, ...dots.map(({ x }) => x));
  const high = Math.max(1, ...dots.map(({ y }) => y));
  const step = roundStep(high, 5);
  const powers = Array.from({ length: Math.ceil(Math.log2(longest)) + 1 }, (_, k) => 2 ** k);
  const said = dots.map(({ x, y }) => `${fmtNumber(x)}: ${fmtNumber(y, 1)}`).join(", ");
  return {
    x: {
      log: true,
      min: 1,
      max: powers.at(-1) ?? 2,
      ticks: powers.map((at) => [at, String(at)]),
      title: api.str("limits.position"),
    },
    y: {
      min: 0,
      max: Math.ceil(high / step) * step,
      ticks: evenTicks(0, Math.ceil(high / step), 1).map(([at]) => [at * step, fmtNumber(at * step)]),
      title: api.str("limits.bits"),
    },
    lines: [{ points: dots.map(({ x, y }) => [x, y]), class: "warm" }],
    marks: dots.map(({ x, y }) => ({ x, y, class: "warm", text: fmtNumber(y, 1), side: "above" })),
    label: api.str("limits.plot_label", { n: dots.length, points: said }),
  };
}
