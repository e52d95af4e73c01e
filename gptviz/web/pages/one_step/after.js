// What came of it: the loss of the same text before and after each step, beside where the straight line said the last would end. Here the
// next step is taken, and the rate is set.

import { evenTicks, roundStep } from "../../kit/axis.js";
import { el, fmtNumber, setAttr, setClass, setText } from "../../kit/dom.js";
import { fmtOperand } from "../../kit/numbers.js";
import { createHead, spacer } from "../../kit/panel.js";
import { createPlot } from "../../kit/plot.js";
import { createSlider, sliderRow } from "../../kit/slider.js";
import { shownOf, tellLines } from "./shown.js";

/** @import { PlotSpec } from "../../kit/plot.js" */
/** @import { Page, Panel, Shown } from "./types.d.ts" */

const MOST_STEPS = 20;

/** @type {(host: HTMLElement, api: Page) => Panel} */
export function createAfter(host, api) {
  /** @type {Shown | null} */
  let shown = null;
  const menu = api.menu({
    title: api.str("one_step.after"),
    reading: () => shown?.header.after.reading ?? api.str("one_step.needs_two"),
    python: () => shown?.header.after.python,
    table: () => ({
      columns: ["step", "loss"].map((name) => api.str("one_step.column." + name)),
      rows: (shown?.header.after.losses ?? []).map((loss, step) => [step, loss]),
    }),
    picture: () => (shown ? plot.picture : null),
  });
  const move = (/** @type {number} */ by) => () => {
    const step = Math.min(MOST_STEPS, Math.max(1, Number(api.view().step) + by));
    api.setView({ step });
  };
  const back = el("button", {
    type: "button",
    class: "btn",
    "data-testid": "back",
    text: api.str("one_step.back"),
    onclick: move(-1),
  });
  const next = el("button", {
    type: "button",
    class: "btn primary",
    "data-testid": "next",
    text: api.str("one_step.next"),
    onclick: move(1),
  });
  const which = el("span", { class: "which-step mono", "data-testid": "which", role: "status" });
  const rate = createSlider({
    testid: "rate",
    range: { min: -5, max: 0, step: 0.05 },
    read: (at) => Number(fmtRate(10 ** at)),
    place: (value) => Math.log10(value),
    write: (value) => (value === null ? "–" : fmtOperand(value)),
    input: (value) => api.setView({ rate: value }),
  });
  const bar = el("div", { class: "step-bar" }, back, which, next);
  const body = el("div", { class: "after-plot", "data-testid": "after" });
  const sums = el("div", { class: "sums mono", "data-testid": "after-sums" });
  const says = el("p", { class: "after-says", "data-testid": "after-says" });
  host.append(
    createHead(api.str("one_step.after"), spacer(), menu),
    bar,
    el("div", { class: "sliders" }, sliderRow(api.str("one_step.rate"), api.str("one_step.rate_hint"), rate)),
    body,
    sums,
    says,
  );
  const plot = createPlot(body, api.onResize);
  return {
    update: (picture) => {
      shown = shownOf(picture);
      const step = Number(api.view().step);
      rate.show(Number(api.view().rate));
      setText(which, api.str("one_step.which", { step, most: MOST_STEPS }));
      setAttr(back, "disabled", step <= 1);
      setAttr(next, "disabled", step >= MOST_STEPS);
      setAttr(menu, "hidden", !shown);
      setAttr(body, "hidden", !shown);
      setText(says, shown?.header.after.reading ?? "");
      if (!shown) {
        tellLines(sums, []);
        return plot.clear();
      }
      const { losses, linear, promised, fallen } = shown.header.after;
      const before = losses[losses.length - 2];
      setClass(says, "rose", fallen < 0);
      plot.draw(specOf(shown, api), picture.theme);
      tellLines(sums, [
        `L + Σ g·Δw = ${fmtNumber(before, 4)} ${promised < 0 ? "+" : "−"} ${fmtNumber(Math.abs(promised), 4)} = ${fmtNumber(linear, 4)}`,
      ]);
    },
  };
}

// A rate of two figures, as a number reads it back.
/** @type {(x: number) => string} */
function fmtRate(x) {
  const power = 10 ** (Math.floor(Math.log10(x)) - 1);
  return String(Math.round(x / power) * power);
}

/** @type {(picture: Shown, api: Page) => PlotSpec} */
function specOf({ header: { after, view } }, api) {
  const { losses, linear } = after;
  const last = losses.length - 1;
  const high = Math.max(linear, ...losses); // no loss is below 0: where the line says so, it leaves the picture
  const step = roundStep(Math.max(high, 1e-6), 4);
  const [floor, top] = [0, Math.ceil((1.04 * high) / step) * step];
  const every = Math.max(1, Math.ceil(last / 8));
  return {
    x: {
      min: 0,
      max: Math.max(1, last) * 1.12,
      ticks: evenTicks(0, last, every, (value) => String(value)),
      title: api.str("one_step.axis.step"),
    },
    y: {
      min: floor,
      max: top,
      ticks: evenTicks(floor, top, step, (value) => fmtNumber(value, step < 0.1 ? 2 : step < 1 ? 1 : 0)),
      title: api.str("one_step.axis.loss"),
    },
    lines: [
      { points: losses.map((loss, i) => /** @type {[number, number]} */ ([i, loss])), class: "main" },
      {
        points: [
          [last - 1, losses[last - 1]],
          [last, linear],
        ],
        class: "linear",
      },
    ],
    marks: [
      ...losses.slice(0, -1).map((loss, i) => ({ x: i, y: loss, class: "main" })),
      {
        x: last,
        y: linear,
        class: "linear",
        text: `${api.str("one_step.line_says")} ${fmtNumber(linear, 3)}`,
        side: linear > losses[last] ? "above" : "below",
      },
      {
        x: last,
        y: losses[last],
        class: "main",
        text: `${api.str("one_step.loss_is")} ${fmtNumber(losses[last], 3)}`,
        side: linear > losses[last] ? "below" : "above",
      },
    ],
    label: `${after.reading} ${api.str("one_step.which", { step: Number(view.step), most: MOST_STEPS })}`,
  };
}
