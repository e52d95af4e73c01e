// The loss while it falls: of the steps and held out, with the lines of who knows nothing and of the floor; rate and gradient below.

import { evenTicks, powerTicks, roundStep } from "../../kit/axis.js";
import { el, fmtNumber, setAttr, setText } from "../../kit/dom.js";
import { fmtOperand } from "../../kit/numbers.js";
import { createHead, spacer } from "../../kit/panel.js";
import { createPlot } from "../../kit/plot.js";
import { createPairKey, pairLines, pairMarks, pairPoints } from "./pair.js";

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
  const pair = createPairKey(api);
  host.append(
    createHead(api.str("training.curve"), small, spacer(), ...switches.map(({ node }) => node), more),
    empty,
    body,
    key,
    pair.node,
  );
  const plot = createPlot(body, api.onResize);
  return {
    update: (picture) => {
      state.picture = picture;
      const { header } = picture;
      const shown = header.train.length > 0;
      setAttr(empty, "hidden", shown);
      setAttr(body, "hidden", !shown);
      setAttr(key, "hidden", !shown);
      pair.update(header);
      setAttr(more, "hidden", !shown);
      for (const { name, node } of switches) {
        setAttr(node, "aria-pressed", String(api.view()[name]));
        setAttr(node, "hidden", !shown);
      }
      setText(small, header.closed ? api.str("training.closed", { closed: header.closed }) : "");
      if (!shown) return plot.clear();
      plot.draw(specOf(header, api), picture.theme);
      setText(key, keyOf(header, api));
    },
  };
}

/** @type {(header: TrainingHeader, api: Page) => string} */
function keyOf(header, api) {
  const [rate, norm] = [header.rate.at(-1)?.[1] ?? 0, header.grad_norm.at(-1)?.[1] ?? 0];
  return api.str("training.now", {
    train: fmtNumber(header.train.at(-1)?.[1] ?? 0, 3),
    valid: header.valid.length ? fmtNumber(header.valid[header.valid.length - 1][1], 3) : "–",
    rate: fmtOperand(rate),
    norm: fmtNumber(norm, 2),
  });
}

/** @type {(header: TrainingHeader, api: Page) => PlotSpec} */
function specOf(header, api) {
  const { log_x, log_y } = api.view();
  const last = Math.max(header.steps, header.train.at(-1)?.[0] ?? 1, 10);
  const every = [...header.train, ...header.valid, ...pairPoints(header)]
    .map(([, loss]) => loss)
    .concat(header.levels.map(([, , nats]) => nats));
  const [low, high] = [Math.min(...every), Math.max(...every)];
  return {
    x: axisOf({ log: Boolean(log_x), min: log_x ? 1 : 0, max: last }, api.str("training.axis.step")),
    y: axisOf(
      { log: Boolean(log_y), min: log_y ? low / 1.15 : 0, max: log_y ? high * 1.2 : high * 1.06 },
      api.str("training.axis.loss"),
    ),
    lines: [
      { points: header.train, class: "plain" },
      { points: header.valid.filter(([step]) => step > 0 || !log_x), class: "main" },
      ...pairLines(header, Boolean(log_x)),
    ],
    guides: header.levels.map(([name, words, nats], i) => ({
      y: nats,
      class: name,
      text: `${words} ${fmtNumber(nats, 2)}`,
      side: i % 2 ? "left" : "right",
    })),
    marks: [
      ...header.valid.slice(-1).map(([step, loss]) => ({ x: Math.max(step, log_x ? 1 : 0), y: loss, class: "main" })),
      ...pairMarks(header),
    ],
    label: header.curve_reading,
  };
}

/** @type {(bounds: Bounds, title: string) => Axis} */
function axisOf(bounds, title) {
  const { log, min, max } = bounds;
  if (!log) {
    const step = roundStep(max - min, 6);
    return { ...bounds, title, ticks: evenTicks(0, max, step, (value) => fmtNumber(value, step < 1 ? 1 : 0)) };
  }
  /** @type {Tick[]} */
  const ticks = powerTicks(Math.ceil(Math.log10(min)), Math.floor(Math.log10(max)), 6);
  const finer = [0.15, 0.2, 0.3, 0.5, 2, 3, 5].filter((value) => max / min < 200 && value > min && value < max);
  return { ...bounds, title, ticks: [...ticks, ...finer.map((value) => /** @type {Tick} */ ([value, String(value)]))] };
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
