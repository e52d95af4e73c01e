// The loss of the whole run, by the logarithm of its steps, and where on it one stands.

import { evenTicks, powerTicks, roundStep } from "../../kit/axis.js";
import { fmtNumber, setAttr, el } from "../../kit/dom.js";
import { createHead, spacer } from "../../kit/panel.js";
import { createPlot } from "../../kit/plot.js";

/** @import { PlotSpec } from "../../kit/plot.js" */
/** @import { Curve } from "./message.d.ts" */
/** @import { Drawn, Page, Panel } from "./types.d.ts" */

/** @type {(host: HTMLElement, api: Page) => Panel} */
export function createCurve(host, api) {
  /** @type {Curve | null} */
  let shown = null;
  const menu = api.menu({
    title: api.str("snapshots.curve"),
    reading: () => shown?.reading ?? "",
    python: () => shown?.python,
    table: () => ({
      columns: ["step", "loss"].map((name) => api.str("snapshots.column." + name)),
      rows: shown?.train ?? [],
    }),
    picture: () => (shown ? plot.picture : null),
  });
  const body = el("div", { class: "moment-curve", "data-testid": "curve" });
  host.append(createHead(api.str("snapshots.curve"), spacer(), menu), body);
  const plot = createPlot(body, api.onResize);
  return {
    /** @param {Drawn} picture */
    update: ({ header, theme }) => {
      shown = header.curve ?? null;
      setAttr(menu, "hidden", !shown);
      if (shown) plot.draw(specOf(shown, api), theme);
      else plot.clear();
    },
  };
}

/** @type {(curve: Curve, api: Page) => PlotSpec} */
function specOf({ train, moments, at, reading }, api) {
  const last = Math.max(10, train.at(-1)?.[0] ?? 0, moments.at(-1)?.[0] ?? 0);
  const most = Math.max(...train.map(([, loss]) => loss), ...moments.map(([, loss]) => loss), 1);
  const step = roundStep(most, 4);
  const here = moments.find(([moment]) => moment === at) ?? null;
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
      max: Math.ceil(most / step) * step,
      ticks: evenTicks(0, Math.ceil(most / step) * step, step, (value) => fmtNumber(value, step < 1 ? 1 : 0)),
      title: api.str("snapshots.axis.loss"),
    },
    lines: [{ points: train, class: "plain" }],
    guides: [{ x: Math.max(1, at), class: "here" }],
    marks: [
      ...moments.map(([moment, loss]) => ({
        x: Math.max(1, moment),
        y: loss,
        class: moment === at ? "main" : "other",
      })),
      ...(here
        ? [{ x: Math.max(1, here[0]), y: here[1], class: "main", text: fmtNumber(here[1], 2), side: "above" }]
        : []),
    ],
    label: reading,
  };
}
