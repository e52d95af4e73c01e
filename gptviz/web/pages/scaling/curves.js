// The runs on logarithmic axes: loss by parameters, by tokens, by compute, each with the law's curves, and how far each run is off.

import { evenTicks, powerTicks, roundStep } from "../../kit/axis.js";
import { createShare } from "../../kit/buttons.js";
import { el, fmtNumber, fmtPercent, setAttr, setText } from "../../kit/dom.js";
import { createHead, spacer } from "../../kit/panel.js";
import { createPlot } from "../../kit/plot.js";
import { createTable } from "./table.js";

/** @import { Page, Panel, Shown } from "./types.d.ts" */
/** @import { Plots, Point } from "./message.d.ts" */
/** @import { Axis, Guide, Line, Mark, PlotSpec } from "../../kit/plot.js" */
/** @import { Table } from "../../types.d.ts" */

const FLOPS = 6; // operations for each parameter and token, as law.py has it
/** @type {{ name: string, x: (run: Point) => number, curves: (plots: Plots) => Plots["by_n"] }[]} */
const CHARTS = [
  { name: "by_n", x: (run) => run.n, curves: (plots) => plots.by_n },
  { name: "by_d", x: (run) => run.tokens, curves: (plots) => plots.by_d },
  { name: "by_c", x: (run) => FLOPS * run.n * run.tokens, curves: (plots) => plots.by_c },
];

/** @type {(host: HTMLElement, api: Page) => Panel} */
export function createCurves(host, api) {
  /** @type {Plots | null} */
  let shown = null;
  const box = el("div", { class: "scaling-plots", "data-testid": "curves" });
  const table = createTable(api);
  const counting = createSwitch(api, "embeddings", "counting", [
    [false, "count_without"],
    [true, "count_with"],
  ]);
  const whose = createSwitch(api, "whose", "whose", [
    ["ours", "ours"],
    ["own", "own"],
  ]);
  const menu = api.menu({
    title: api.str("scaling.curves"),
    reading: () => shown?.reading ?? "",
    table: () => runsTable(shown, api),
    python: () => shown?.python ?? "",
    picture: () => (shown ? box : null),
  });
  const head = createHead(api.str("scaling.curves"), el("small", { text: api.str("scaling.curves_small") }), spacer());
  head.append(counting.node, whose.node, table.button, createShare(api), menu);
  host.append(head, table.node, box);
  const plots = [...CHARTS, { name: "off" }].map(({ name }) => {
    const plot = createPlot(box, api.onResize);
    setAttr(plot.node, "data-testid", "plot-" + name);
    return plot;
  });
  const key = createKey(api);
  host.append(key.node);

  /** @param {Shown} picture */
  function update({ header, theme }) {
    shown = header.plots;
    counting.update();
    whose.update();
    whose.node.hidden = shown.own === 0;
    table.update(shown);
    key.update(shown);
    CHARTS.forEach((chart, i) => plots[i].draw(chartSpec(chart, header.plots, api), theme));
    plots[3].draw(offSpec(header.plots, api), theme);
  }
  return { update };
}

// Two buttons of which one is pressed; `values` with the strings that say them.
/** @type {(api: Page, name: "embeddings" | "whose", label: string, values: [boolean | string, string][]) => { node: HTMLElement, update: () => void }} */
function createSwitch(api, name, label, values) {
  const buttons = values.map(([value, text]) =>
    el("button", {
      type: "button",
      "data-testid": `${name}-${value}`,
      text: api.str("scaling." + text),
      onclick: () => {
        api.setView({ [name]: value });
        update();
      },
    }),
  );
  const node = el("div", { class: "switch", role: "group", "aria-label": api.str("scaling." + label) }, buttons);
  const update = () =>
    values.forEach(([value], i) => setAttr(buttons[i], "aria-pressed", String(api.view()[name] === value)));
  return { node, update };
}

// What each mark means.
/** @type {(api: Page) => { node: HTMLElement, update: (plots: Plots) => void }} */
function createKey(api) {
  const said = ["run", "own", "curve", "envelope", "floor", "E"].map((name) => {
    const words = el("span", {});
    return { name, words, node: el("span", { class: "key " + name }, el("i", {}), words) };
  });
  const node = el(
    "p",
    { class: "scaling-key" },
    said.map((one) => one.node),
  );
  /** @param {Plots} plots */
  const update = (plots) => {
    const value = { floor: plots.floor, E: plots.entropy };
    for (const { name, words, node: one } of said) {
      const number = name === "floor" || name === "E" ? value[name] : null;
      setText(words, api.str("scaling.key_" + name, { value: number === null ? "–" : fmtNumber(number, 3) }));
      one.hidden = (name === "own" && plots.own === 0) || (name in value && number === null);
    }
  };
  return { node, update };
}

/** @type {(curve: Plots["by_n"][number], axis: string) => Mark} */
function curveName({ name, points }, axis) {
  const [x, y] = points[Math.round(points.length * 0.8)];
  return { x, y, class: "named", text: `${axis} = ${name}`, side: "above" };
}

/** @type {(chart: typeof CHARTS[number], plots: Plots, api: Page) => PlotSpec} */
function chartSpec({ name, x, curves }, plots, api) {
  const runs = plots.runs;
  /** @type {Line[]} */
  const lines = curves(plots).map(({ points }) => ({ points, class: "plain" }));
  if (name === "by_c" && plots.envelope.length) lines.push({ points: plots.envelope, class: "envelope" });
  // what the first and the last curve have in common all along
  const names = [curves(plots).at(0), curves(plots).at(-1)].flatMap((curve) =>
    curve && name !== "by_c" ? [curveName(curve, name === "by_n" ? "D" : "N")] : [],
  );
  /** @type {(Guide & { y: number })[]} */
  const guides = [];
  if (plots.floor !== null) guides.push({ y: plots.floor, class: "floor" });
  if (plots.entropy !== null) guides.push({ y: plots.entropy, class: "entropy" });
  return {
    x: powers(runs.map(x), api.str("scaling." + name)),
    y: lossAxis([...runs.map((run) => run.loss), ...guides.map((guide) => guide.y)], api.str("scaling.loss")),
    lines,
    guides,
    marks: [...runs.map((run) => ({ x: x(run), y: run.loss, class: run.own ? "own" : "run" })), ...names],
    label: plots.reading,
  };
}

/** @type {(plots: Plots, api: Page) => PlotSpec} */
function offSpec(plots, api) {
  const runs = plots.runs.filter((run) => run.off !== null);
  const most = Math.max(0.001, ...runs.map((run) => Math.abs(run.off ?? 0)));
  const step = roundStep(most, 2);
  const end = step * Math.ceil(most / step);
  return {
    x: powers(runs.length ? runs.map((run) => run.n) : [1, 10], api.str("scaling.by_n")),
    y: {
      min: -end * 1.1,
      max: end * 1.1,
      ticks: evenTicks(-end, end + step / 2, step, (value) =>
        Math.abs(value) < step / 2 ? "0" : fmtPercent(value, step < 0.01 ? 1 : 0),
      ),
      title: api.str("scaling.residual"),
    },
    lines: [],
    guides: [{ y: 0, class: "zero" }],
    marks: runs.map((run) => ({ x: run.n, y: run.off ?? 0, class: run.own ? "own" : "run" })),
    label: plots.reading,
  };
}

// A logarithmic axis through all values, with ticks at powers of ten.
/** @type {(values: number[], title: string) => Axis} */
function powers(values, title) {
  const [low, high] = values.length ? [Math.min(...values), Math.max(...values)] : [1, 10];
  const [min, max] = [low / 1.5, high * 1.5];
  const [from, to] = [Math.ceil(Math.log10(min)), Math.floor(Math.log10(max))];
  return { log: true, min, max, title, ticks: from <= to ? powerTicks(from, to, 6, writtenPower) : [] };
}

/** @type {(power: number) => string} */
function writtenPower(power) {
  return "10" + [...String(power)].map((digit) => "⁰¹²³⁴⁵⁶⁷⁸⁹"[Number(digit)] ?? "⁻").join("");
}

// The logarithmic axis of losses, which rarely holds a power of ten.
/** @type {(values: number[], title: string) => Axis} */
function lossAxis(values, title) {
  const [low, high] = values.length ? [Math.min(...values), Math.max(...values)] : [1, 10];
  const [min, max] = [low * 0.98, high * 1.03];
  const step = roundStep(max - min, 5);
  const ticks = evenTicks(Math.ceil(min / step) * step, max, step, (value) => fmtNumber(value, step < 1 ? 1 : 0));
  return { log: true, min, max, title, ticks };
}

/** @type {(plots: Plots | null, api: Page) => Table} */
function runsTable(plots, api) {
  const columns = ["n", "tokens", "loss", "off", "own"].map((name) => api.str("scaling.column." + name));
  const rows = (plots?.runs ?? []).map(({ n, tokens, loss, off, own }) => [n, tokens, loss, off, own ? 1 : 0]);
  return { columns, rows };
}
