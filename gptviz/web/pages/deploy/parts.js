// What leaving heads or layers out costs: a curve for each order in which they go, and how many are left out now.

import { evenTicks, roundStep } from "../../kit/axis.js";
import { el, fmtNumber, fmtPercent, setAttr, setText } from "../../kit/dom.js";
import { createHead, spacer } from "../../kit/panel.js";
import { createPlot } from "../../kit/plot.js";
import { createSlider, sliderRow } from "../../kit/slider.js";
import { showProgress } from "./forms.js";

/** @import { Page, Panel, Shown } from "./types.d.ts" */
/** @import { DeployHeader } from "./message.d.ts" */
/** @import { PlotSpec } from "../../kit/plot.js" */

const UNITS = ["heads", "layers"];
const ORDERS = ["taylor", "ablation", "random"];

/** @type {(host: HTMLElement, api: Page) => Panel} */
export function createParts(host, api) {
  /** @type {Shown | null} */
  let shown = null;
  const more = api.menu({
    title: api.str("deploy.parts_title"),
    reading: () => shown?.header.parts_reading ?? "",
    python: () => shown?.header.parts_python ?? "",
    table: () => ({ columns: shown?.header.parts_columns ?? [], rows: shown?.header.parts_rows ?? [] }),
    picture: () => (shown?.header.parts_rows.length ? plot.picture : null),
  });
  const small = el("small", {});
  const progress = el("progress", { class: "deploy-progress", "data-testid": "parts-progress" });
  const units = UNITS.map((name) =>
    el("button", {
      type: "button",
      class: "pick",
      value: name,
      "data-testid": "unit-" + name,
      text: api.str("deploy.unit." + name),
      onclick: () => api.setView({ unit: name }),
    }),
  );
  const orders = ORDERS.map((name) =>
    el(
      "button",
      {
        type: "button",
        class: "pick order " + name,
        value: name,
        "data-testid": "by-" + name,
        title: api.str("deploy.by_hint." + name),
        onclick: () => api.setView({ by: name }),
      },
      el("i", { "aria-hidden": "true" }),
      api.str("deploy.by." + name),
    ),
  );
  /** @type {(value: number | null) => string} */
  const write = (value) => (value === null ? "" : fmtPercent(value / 100, 0));
  const slider = createSlider({
    testid: "gone",
    range: { min: 0, max: 100, step: 1 },
    write,
    input: (gone) => api.setView({ gone }),
  });
  const tools = el(
    "div",
    { class: "parts-tools" },
    el("div", { class: "picks", role: "group", "aria-label": api.str("deploy.unit_label") }, units),
    el("div", { class: "picks", role: "group", "aria-label": api.str("deploy.by_label") }, orders),
    sliderRow(api.str("deploy.gone_label"), "", slider),
  );
  const chart = el("div", { class: "parts-plot", "data-testid": "parts-plot" });
  const plot = createPlot(chart, api.onResize);
  const reading = el("p", { class: "deploy-reading", "data-testid": "parts-reading" });
  host.append(createHead(api.str("deploy.parts_title"), small, spacer(), more), tools, progress, chart, reading);
  return {
    update: (picture) => {
      shown = picture;
      const { header } = picture;
      const view = api.view();
      for (const button of units) setAttr(button, "aria-pressed", String(view.unit === button.value));
      for (const button of orders) setAttr(button, "aria-pressed", String(view.by === button.value));
      slider.show(view.gone);
      const { parts_done: done, parts_wanted: wanted, n_gone: n, n_parts: all } = header;
      setText(small, wanted ? api.str("deploy.measured", { done, wanted }) : api.str("deploy.here", { n, all }));
      showProgress(progress, done, wanted, api.str("deploy.parts_title"));
      setAttr(more, "hidden", !header.parts_rows.length);
      setText(reading, header.parts_reading);
      const known = Object.values(header.curves).some((curve) => curve.length);
      setAttr(chart, "hidden", !known);
      if (known) plot.draw(curvesOf(header, api), picture.theme);
      else plot.clear();
    },
  };
}

/** @type {(header: DeployHeader, api: Page) => PlotSpec} */
function curvesOf({ curves, n_parts, n_gone, view }, api) {
  const all = Object.values(curves)
    .flat()
    .map(({ bits }) => bits);
  const least = Math.floor(Math.min(...all));
  const step = roundStep(Math.max(...all) - least, 5);
  const high = Math.ceil((Math.max(...all) - least) / step);
  const order = [...ORDERS.filter((name) => name !== view.by), view.by];
  return {
    x: {
      min: 0,
      max: 1,
      ticks: evenTicks(0, 4, 1).map(([at]) => [at / 4, fmtPercent(1 - at / 4, 0)]),
      title: api.str("deploy.kept_axis"),
    },
    y: {
      min: least,
      max: least + high * step,
      ticks: evenTicks(0, high, 1).map(([at]) => [least + at * step, fmtNumber(least + at * step, step < 1 ? 1 : 0)]),
      title: api.str("deploy.bits_axis"),
    },
    lines: order.map((name) => ({
      points: curves[name].map(({ gone, bits }) => [gone / n_parts, bits]),
      class: name + (name === view.by ? " chosen" : ""),
    })),
    marks: (curves[view.by] ?? []).map(({ gone, bits }) => ({ x: gone / n_parts, y: bits, class: view.by })),
    guides: [
      {
        x: n_gone / n_parts,
        class: "here",
        text: api.str("deploy.here", { n: n_gone, all: n_parts }),
        side: n_gone > n_parts / 2 ? "left" : "right",
      },
    ],
    label: api.str("deploy.plot_label", { n: ORDERS.length }),
  };
}
