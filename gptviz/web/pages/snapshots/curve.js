// The loss of the whole run, by the logarithm of its steps, and where on it one stands; of two runs, both on one plot.

import { evenTicks, powerTicks, roundStep } from "../../kit/axis.js";
import { el, fmtNumber, setAttr } from "../../kit/dom.js";
import { createHead, spacer } from "../../kit/panel.js";
import { createPlot } from "../../kit/plot.js";
import { createLetter, LETTERS, pythonOf, readingOf, tableOf } from "./sides.js";

/** @import { Mark, PlotSpec } from "../../kit/plot.js" */
/** @import { Curve } from "./message.d.ts" */
/** @import { Drawn, Page, Panel } from "./types.d.ts" */

const HIGH = 1.5; // a run that diverges may go up so many times as high as they began before the plot ends

/** @type {(host: HTMLElement, api: Page) => Panel} */
export function createCurve(host, api) {
  /** @type {{ told: (Curve | null)[] }} */
  const memory = { told: [] };
  const menu = api.menu({
    title: api.str("snapshots.curve"),
    reading: () => readingOf(memory.told),
    python: () => pythonOf(memory.told),
    table: () =>
      tableOf(
        api,
        ["step", "loss"].map((name) => api.str("snapshots.column." + name)),
        memory.told.map((one) => one?.train ?? null),
      ),
    picture: () => (memory.told[0] ? plot.picture : null),
  });
  const body = el("div", { class: "moment-curve", "data-testid": "curve" });
  const key = createKey(api);
  const small = el("small", { text: api.str("snapshots.curve_small") });
  host.append(createHead(api.str("snapshots.curve"), small, spacer(), menu), body, key);
  const plot = createPlot(body, api.onResize);
  return {
    update: (picture) => {
      const { curve, beside } = picture.header;
      memory.told = [curve ?? null, beside?.curve ?? null];
      setAttr(menu, "hidden", !curve);
      setAttr(key, "hidden", !beside);
      setAttr(small, "hidden", !curve || !!beside); // two runs have a key of their own
      if (!curve) plot.clear();
      else plot.draw(beside ? specOfTwo(picture.header, api) : specOf(curve, api), picture.theme);
    },
  };
}

// Which line is whose.
/** @type {(api: Page) => HTMLElement} */
function createKey(api) {
  const lines = LETTERS.map((run, place) => {
    const words = el("span", { text: api.str("snapshots.held_out", { run }) });
    return el(
      "span",
      { class: "curve-run" },
      createLetter(place),
      el("i", { class: `line-${run.toLowerCase()}` }),
      words,
    );
  });
  return el("p", { class: "curve-key" }, lines, el("span", { text: api.str("snapshots.training_loss") }));
}

/** @type {(curves: Curve[], highest: number, api: Page) => Pick<PlotSpec, "x" | "y">} */
function axesOf(curves, highest, api) {
  const last = Math.max(
    10,
    ...curves.map(({ train, moments }) => Math.max(train.at(-1)?.[0] ?? 0, moments.at(-1)?.[0] ?? 0)),
  );
  const step = roundStep(highest, 4);
  const max = Math.ceil(highest / step) * step;
  return {
    x: {
      log: true,
      min: 1,
      max: last,
      ticks: powerTicks(0, Math.floor(Math.log10(last)), 6),
      title: api.str("snapshots.axis.step"),
    },
    y: {
      min: 0,
      max,
      ticks: evenTicks(0, max, step, (value) => fmtNumber(value, step < 1 ? 1 : 0)),
      title: api.str("snapshots.axis.loss"),
    },
  };
}

/** @type {(curve: Curve) => number} */
function mostOf({ train, moments }) {
  return Math.max(...train.map(([, loss]) => loss), ...moments.map(([, loss]) => loss), 1);
}

/** @type {(curve: Curve, api: Page) => PlotSpec} */
function specOf(curve, api) {
  const { train, moments, at, reading } = curve;
  return {
    ...axesOf([curve], mostOf(curve), api),
    lines: [{ points: train, class: "plain" }],
    guides: [{ x: Math.max(1, at), class: "here" }],
    marks: [...momentsOf(curve), ...momentOf(moments, at, "above")],
    label: reading,
  };
}

/** @type {(curve: Curve, run?: string) => Mark[]} */
function momentsOf({ moments, at }, run = "") {
  return moments.map(([step, y]) => ({ x: Math.max(1, step), y, class: (step === at ? "main" : "other") + run }));
}

/** @type {(moments: [number, number][], at: number, side: string, run?: string, top?: number) => Mark[]} */
function momentOf(moments, at, side, run = "", top = Number.POSITIVE_INFINITY) {
  const here = moments.find(([step]) => step === at);
  if (!here || here[1] > top) return []; // beyond the plot: it is written above it
  const letter = run && `${run.trim().toUpperCase()} `;
  return [{ x: Math.max(1, here[0]), y: here[1], class: "main" + run, text: letter + fmtNumber(here[1], 2), side }];
}

// Of two runs the loss held out is the line that is looked at; that of the steps lies thin behind it.
/** @type {(header: Drawn["header"], api: Page) => PlotSpec} */
function specOfTwo({ curve, beside, steps, at, lost }, api) {
  const curves = /** @type {Curve[]} */ ([curve, beside?.curve]);
  const start = Math.max(...curves.map(({ train, valid }) => Math.max(train[0]?.[1] ?? 0, valid[0]?.[1] ?? 0)), 1);
  const runs = curves.map((own, place) => ({ own, run: ` ${LETTERS[place].toLowerCase()}`, gone: lost[place] }));
  const here = curves.map(({ moments, at }) => moments.find(([step]) => step === at)?.[1] ?? 0);
  const above = here[0] >= here[1] ? ["above", "below"] : ["below", "above"];
  const axes = axesOf(curves, Math.min(Math.max(...curves.map(mostOf)), HIGH * start), api);
  return {
    ...axes,
    lines: [
      ...runs.map(({ own, run }) => ({ points: own.train, class: "plain" + run })),
      ...runs.map(({ own, run }) => ({ points: onLog(own.valid), class: "held" + run })),
    ],
    guides: [{ x: Math.max(1, steps[at]), class: "here" }],
    marks: [
      ...runs.flatMap(({ own, run }) => momentsOf(own, run)),
      ...runs.flatMap(({ own, run }, place) => momentOf(own.moments, own.at, above[place], run, axes.y.max)),
      ...runs.flatMap(({ own, run, gone }) => lostOf(own, run, gone)),
    ],
    label: readingOf(curves),
  };
}

// Where the numbers of a run ran away: the end of its line, with the word for it.
/** @type {(curve: Curve, run: string, gone: [number, string] | undefined) => Mark[]} */
function lostOf({ train }, run, gone) {
  if (!gone || gone[0] === 0) return [];
  const y = train.at(-1)?.[1] ?? 0;
  return [
    {
      x: Math.max(1, gone[0]),
      y,
      class: "lost" + run,
      text: `× ${run.trim().toUpperCase()}: ${gone[1]}`,
      side: "below",
    },
  ];
}

/** @type {(points: [number, number][]) => [number, number][]} */
function onLog(points) {
  return points.map(([step, loss]) => [Math.max(1, step), loss]);
}
