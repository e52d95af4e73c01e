// The loss while it falls: of the steps and held out, with the lines of who knows nothing and of the floor, which are there before it
// begins; rate and gradient below, and which part of the steps is shown.

import { evenTicks, powerTicks, roundStep } from "../../kit/axis.js";
import { el, fmtNumber, setAttr, setText } from "../../kit/dom.js";
import { fmtOperand } from "../../kit/numbers.js";
import { createHead, spacer } from "../../kit/panel.js";
import { createPlot } from "../../kit/plot.js";
import { createPairKey, pairLines, pairMarks, pairPoints } from "./pair.js";
import { createZoom } from "./zoom.js";

/** @import { Bounds, Tick } from "../../kit/axis.js" */
/** @import { Axis, PlotSpec } from "../../kit/plot.js" */
/** @import { Page, Panel, Shown } from "./types.d.ts" */
/** @import { TrainingHeader } from "./message.d.ts" */

/** @type {(host: HTMLElement, api: Page) => Panel} */
export function createCurve(host, api) {
  /** @type {{ picture: Shown | null }} */
  const state = { picture: null };
  const small = el("small", { "data-testid": "closed" });
  const switches = /** @type {const} */ (["log_x", "log_y"]).map((name) => {
    const node = el("button", {
      type: "button",
      class: "pick",
      "data-testid": name,
      text: api.str(`training.${name}`),
    });
    node.addEventListener("click", () => api.setView({ [name]: !api.view()[name] }));
    return { name, node };
  });
  const more = api.menu({
    title: () => api.str("training.curve"),
    reading: () => state.picture?.header.curve_reading ?? "",
    python: () => state.picture?.header.setup_python,
    table: () => curveTable(state.picture?.header, api),
    picture: () => (state.picture?.header.train.length ? plot.picture : null),
  });
  const empty = el("p", { class: "hint empty", text: api.str("training.before") });
  const body = el("div", { class: "curve-body", "data-testid": "loss" });
  const key = el("p", { class: "curve-key" });
  const plot = createPlot(body, api.onResize);
  const zoom = createZoom(plot, api);
  const pair = createPairKey(api);
  host.append(
    createHead(api.str("training.curve"), small, spacer(), ...switches.map(({ node }) => node), more),
    empty,
    body,
    el("div", { class: "curve-foot" }, key, zoom.node),
    pair.node,
  );
  return {
    update: (picture) => {
      state.picture = picture;
      const { header } = picture;
      const shown = header.train.length > 0;
      pair.update(header);
      const lines = shown || header.foreseen.length > 0;
      setAttr(empty, "hidden", lines);
      for (const node of [body, key]) setAttr(node, "hidden", !lines);
      for (const node of [more, zoom.node]) setAttr(node, "hidden", !shown);
      for (const { name, node } of switches) {
        setAttr(node, "aria-pressed", String(api.view()[name]));
        setAttr(node, "hidden", !lines);
      }
      setText(small, header.closed ? api.str("training.closed", { closed: header.closed }) : "");
      setText(empty, header.foreseen_said || api.str("training.before"));
      if (!lines) return plot.clear();
      plot.draw(shown ? specOf(header, api) : foreseen(header, api), picture.theme);
      setText(key, shown ? keyOf(header, api) : header.foreseen_said);
      zoom.update(header);
    },
  };
}

/** @type {(header: TrainingHeader, api: Page) => string} */
function keyOf(header, api) {
  const [rate, norm] = [header.rate.at(-1)?.[1] ?? 0, header.grad_norm.at(-1)?.[1] ?? 0];
  const now = api.str("training.now", {
    train: fmtNumber(header.train.at(-1)?.[1] ?? 0, 3),
    valid: header.valid.length ? fmtNumber(header.valid[header.valid.length - 1][1], 3) : "–",
    rate: fmtOperand(rate),
    norm: fmtNumber(norm, 2),
  });
  return header.picture_cost ? `${now} · ${api.str("live.cost", { share: header.picture_cost })}` : now;
}

// Before the first step: the axes with what is known already.
/** @type {(header: TrainingHeader, api: Page) => PlotSpec} */
function foreseen(header, api) {
  const { log_x, log_y, steps } = api.view();
  return {
    ...axesOf({ first: 0, last: Number(steps), nats: header.foreseen.map(([, , nats]) => nats) }, api, log_x, log_y),
    lines: [],
    guides: guidesOf(header.foreseen),
    label: header.foreseen_said,
  };
}

/** @type {(header: TrainingHeader, api: Page) => PlotSpec} */
function specOf(header, api) {
  const { log_x, log_y } = api.view();
  const part = header.last_step > 0;
  const seen = [...header.train, ...header.valid, ...pairPoints(header)].map(([, loss]) => loss);
  const levels = header.levels.filter(
    ([, , nats]) => !part || (nats >= Math.min(...seen) && nats <= Math.max(...seen)),
  );
  const last = part ? header.last_step : Math.max(header.steps, header.train.at(-1)?.[0] ?? 1, 10);
  const nats = seen.concat(levels.map((level) => level[2]));
  return {
    ...axesOf({ first: header.first_step, last, nats, tight: part }, api, log_x, log_y),
    lines: [
      { points: header.train, class: "plain" },
      { points: header.valid.filter(([step]) => step > 0 || !log_x), class: "main" },
      ...pairLines(header, Boolean(log_x)),
    ],
    guides: guidesOf(levels),
    marks: [
      ...header.valid.slice(-1).map(([step, loss]) => ({ x: Math.max(step, log_x ? 1 : 0), y: loss, class: "main" })),
      ...pairMarks(header),
    ],
    label: header.curve_reading,
  };
}

/** @typedef {{ first: number, last: number, nats: number[], tight?: boolean }} Range what is to be seen; tight: and hardly more */
/** @type {(range: Range, api: Page, log_x: unknown, log_y: unknown) => { x: Axis, y: Axis }} */
function axesOf({ first, last, nats, tight }, api, log_x, log_y) {
  const [low, high] = [Math.min(...nats), Math.max(...nats)];
  const room = (high - low) * 0.08 || high * 0.05;
  const y = tight
    ? { min: Math.max(low - room, low / 1.15), max: high + room }
    : { min: log_y ? low / 1.15 : 0, max: log_y ? high * 1.2 : high * 1.06 };
  return {
    x: axisOf(
      { log: Boolean(log_x), min: log_x ? Math.max(1, first) : first, max: last },
      api.str("training.axis.step"),
    ),
    y: axisOf({ log: Boolean(log_y), ...y }, api.str("training.axis.loss")),
  };
}

/** @type {(levels: [string, string, number][]) => PlotSpec["guides"]} */
function guidesOf(levels) {
  return levels.map(([name, words, nats], i) => ({
    y: nats,
    class: name,
    text: `${words} ${fmtNumber(nats, 2)}`,
    side: i % 2 ? "left" : "right",
  }));
}

// Round numbers; of a part of a logarithmic axis that has hardly any power of ten, evenly spaced ones.
/** @type {(bounds: Bounds, title: string) => Axis} */
function axisOf(bounds, title) {
  const { log, min, max } = bounds;
  if (log) {
    /** @type {Tick[]} */
    const ticks = powerTicks(Math.ceil(Math.log10(min)), Math.floor(Math.log10(max)), 6);
    const finer = [0.15, 0.2, 0.3, 0.5, 2, 3, 5].filter((value) => max / min < 200 && value > min && value < max);
    const all = [...ticks, ...finer.map((value) => /** @type {Tick} */ ([value, String(value)]))];
    if (all.length > 2) return { ...bounds, title, ticks: all };
  }
  const step = roundStep(max - min, 6);
  const digits = Math.max(0, -Math.floor(Math.log10(step)));
  return {
    ...bounds,
    title,
    ticks: evenTicks(Math.ceil(min / step) * step, max, step, (value) => fmtNumber(value, digits)),
  };
}

/** @type {(header: TrainingHeader | undefined, api: Page) => { columns: string[], rows: (number | null)[][] }} */
function curveTable(header, api) {
  const columns = ["step", "train", "valid", "rate", "grad_norm"].map((name) => api.str(`training.column.${name}`));
  const valid = new Map(header?.valid);
  const rows = (header?.train ?? []).map(([step, loss], i) => [
    step,
    loss,
    valid.get(step) ?? null,
    header?.rate[i][1] ?? null,
    header?.grad_norm[i][1] ?? null,
  ]);
  return { columns, rows };
}
