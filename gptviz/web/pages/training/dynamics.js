// What each step does, from inside: the learning rate, the gradient's length before and after clipping, how far each layer moves beside
// its own length, and how large the gradients are, with what float16 would make nothing.

import { evenTicks, powerTicks } from "../../kit/axis.js";
import { el, fmtNumber, setAttr, setText } from "../../kit/dom.js";
import { fmtOperand, fmtScientific } from "../../kit/numbers.js";
import { createHead, spacer } from "../../kit/panel.js";
import { createPlot } from "../../kit/plot.js";

/** @import { Tick } from "../../kit/axis.js" */
/** @import { Axis, PlotSpec } from "../../kit/plot.js" */
/** @import { Dynamics } from "./message.d.ts" */
/** @import { Page, Panel, Shown } from "./types.d.ts" */

const PLOTS = { rate: rateSpec, norm: normSpec, ratio: ratioSpec, histogram: histogramSpec };
const SHADES = 4;
const THUMB = 1e-3; // ‖Δw‖/‖w‖ of a rate that suits, by a rule of thumb

/** @type {(host: HTMLElement, api: Page) => Panel} */
export function createDynamics(host, api) {
  /** @type {Dynamics | null} */
  let shown = null;
  const small = el("small", {});
  const menu = api.menu({
    title: () => api.str("dynamics.title"),
    reading: () => shown?.reading ?? "",
    python: () => shown?.python,
    table: () => ({
      columns: ["step", "rate", "norm", "clipped"].map((name) => api.str("dynamics.column." + name)),
      rows: (shown?.rate ?? []).map(([step, rate], i) => {
        const norm = shown?.norm[i][1] ?? 0;
        return [step, rate, norm, Math.min(norm, shown?.clip || norm)];
      }),
    }),
    picture: () => (shown ? grid : null),
  });
  const empty = el("p", { class: "hint empty", text: api.str("dynamics.before") });
  const plots = Object.entries(PLOTS).map(([name, spec]) => {
    const title = el("h3", { text: name === "histogram" ? "" : api.str("dynamics." + name) });
    const node = el("div", { class: "dynamics-plot", "data-testid": "dynamics-" + name }, title);
    return { name, spec, title, node, plot: createPlot(node, api.onResize) };
  });
  const grid = el(
    "div",
    { class: "dynamics-plots", "data-testid": "dynamics" },
    plots.map(({ node }) => node),
  );
  host.append(createHead(api.str("dynamics.title"), small, spacer(), menu), empty, grid);
  return {
    /** @param {Shown} picture */
    update: ({ header, theme }) => {
      shown = header.dynamics;
      setAttr(menu, "hidden", !shown);
      setAttr(grid, "hidden", !shown);
      setAttr(grid, "data-zeros", shown?.zeros);
      setAttr(empty, "hidden", Boolean(shown));
      setText(small, shown ? api.str("dynamics.clipped", { clipped: shown.clipped }) : "");
      for (const { name, spec, title, node, plot } of plots) {
        if (!shown) {
          plot.clear();
          continue;
        }
        if (name === "histogram") setText(title, api.str("dynamics.histogram", { step: fmtNumber(shown.step) }));
        const there = name === "rate" || name === "norm" || shown.step > 0;
        setAttr(node, "hidden", !there);
        if (there) plot.draw(spec(shown, api), theme);
      }
    },
  };
}

/** @type {(dynamics: Dynamics, api: Page) => Axis} */
function stepsOf({ rate }, api) {
  const last = Math.max(2, rate.at(-1)?.[0] ?? 2);
  return {
    log: true,
    min: 1,
    max: last,
    ticks: powerTicks(0, Math.floor(Math.log10(last)), 5),
    title: api.str("dynamics.axis.step"),
  };
}

// A logarithmic axis around what is there; of numbers that are all the same, a little more.
/** @type {(values: number[], title: string) => Axis} */
function logAxis(values, title) {
  const some = values.filter((value) => value > 0 && Number.isFinite(value));
  const [low, high] = some.length ? [Math.min(...some) / 1.4, Math.max(...some) * 1.4] : [0.1, 1];
  const ticks = powerTicks(Math.ceil(Math.log10(low)), Math.floor(Math.log10(high)), 5, (power) =>
    Math.abs(power) > 2 ? `1e${power}`.replace("-", "−") : fmtOperand(10 ** power),
  );
  const ends = /** @type {Tick[]} */ ([low * 1.2, high / 1.2].map((at) => [at, fmtScientific(at)]));
  return { log: true, min: low, max: high, ticks: ticks.length > 1 ? ticks : ends, title };
}

/** @type {(dynamics: Dynamics, api: Page) => PlotSpec} */
function rateSpec(dynamics, api) {
  const y = logAxis(
    dynamics.rate.map(([, rate]) => rate),
    api.str("dynamics.axis.rate"),
  );
  return { x: stepsOf(dynamics, api), y, lines: [{ points: dynamics.rate, class: "main" }], label: dynamics.reading };
}

/** @type {(dynamics: Dynamics, api: Page) => PlotSpec} */
function normSpec(dynamics, api) {
  const { norm, clip, reading } = dynamics;
  /** @type {[number, number][]} */
  const after = norm.map(([step, value]) => [step, clip ? Math.min(value, clip) : value]);
  const y = logAxis([...norm.map(([, value]) => value), clip], api.str("dynamics.axis.norm"));
  const guides = clip
    ? [{ y: clip, class: "zero", text: api.str("dynamics.clip", { clip: fmtOperand(clip) }), side: "left" }]
    : [];
  const lines = [
    { points: norm, class: "before" },
    { points: after, class: "main" },
  ];
  return { x: stepsOf(dynamics, api), y, lines, guides, label: reading };
}

/** @type {(dynamics: Dynamics, api: Page) => PlotSpec} */
function ratioSpec(dynamics, api) {
  const { layers, reading } = dynamics;
  const values = layers.flatMap(({ points }) => points.map(([, ratio]) => ratio));
  const y = logAxis([...values, THUMB], api.str("dynamics.axis.ratio"));
  const lines = layers.map(({ points }, i) => ({
    points,
    class: `layer layer${Math.round((i / Math.max(1, layers.length - 1)) * (SHADES - 1))}`,
  }));
  const ends = [0, layers.length - 1].map((i) => layers[i]).filter((layer) => layer?.points.length);
  return {
    x: stepsOf(dynamics, api),
    y,
    lines,
    guides: [{ y: THUMB, class: "thumb", text: api.str("dynamics.thumb"), side: "left" }],
    marks: ends.map(({ name, points }, i) => {
      const [x, ratio] = points[points.length - 1];
      return { x, y: ratio, class: "main", text: layerName(name, api), side: i ? "below" : "above" };
    }),
    label: reading,
  };
}

/** @type {(name: string, api: Page) => string} */
function layerName(name, api) {
  return /^\d+$/.test(name) ? api.str("dynamics.layer", { layer: name }) : api.str("dynamics." + name);
}

// By powers of two; left of the line float16 has nothing but 0.
/** @type {(dynamics: Dynamics, api: Page) => PlotSpec} */
function histogramSpec(dynamics, api) {
  const { counts, lowest, float16_zero, float16_normal, lost, reading } = dynamics;
  const all = Math.max(
    1,
    counts.reduce((sum, count) => sum + count, 0),
  );
  const shares = counts.map((count) => count / all);
  const top = Math.max(0.05, Math.ceil(Math.max(...shares) * 20) / 20);
  /** @type {[number, number][]} */
  const outline = [[lowest, 0]];
  shares.forEach((share, i) => outline.push([lowest + i, share], [lowest + i + 1, share]));
  outline.push([lowest + shares.length, 0]);
  return {
    x: {
      min: lowest,
      max: lowest + shares.length,
      ticks: [-40, -30, -20, -10, 0].map((power) => [power, `2^${power}`.replace("-", "−")]),
      title: api.str("dynamics.axis.size"),
    },
    y: {
      min: 0,
      max: top,
      ticks: evenTicks(0, top, top / 2, (share) => `${fmtNumber(100 * share)}%`),
      title: api.str("dynamics.axis.share"),
    },
    lines: [{ points: outline, class: "bars" }],
    guides: [
      { x: float16_zero, class: "zero", text: api.str("dynamics.zero", { lost }), side: "left" },
      { x: float16_normal, class: "normal", text: api.str("dynamics.normal"), side: "left" },
    ],
    label: reading,
  };
}
