// The loss over all steps: A's, then B's once with each remedy, each from where A has left the model.

import { evenTicks, roundStep } from "../../kit/axis.js";
import { el, fmtNumber, setAttr, setText } from "../../kit/dom.js";
import { createHead, spacer } from "../../kit/panel.js";
import { createPlot } from "../../kit/plot.js";

/** @import { PlotSpec } from "../../kit/plot.js" */
/** @import { Marking, Page, Panel, Shown } from "./types.d.ts" */
/** @import { ForgettingHeader } from "./message.d.ts" */

/** @type {(host: HTMLElement, api: Page, marking: Marking) => Panel} */
export function createCurve(host, api, marking) {
  /** @type {{ picture: Shown | null }} */
  const state = { picture: null };
  const more = api.menu({
    title: () => api.str("forgetting.curve"),
    reading: () => state.picture?.header.curve_reading ?? "",
    python: () => state.picture?.header.setup_python,
    table: () => tableOf(state.picture?.header, api),
    picture: () => (state.picture?.header.curves.length ? plot.picture : null),
  });
  const body = el("div", { class: "curve-body", "data-testid": "losses" });
  const key = el("p", { class: "curve-key" });
  host.append(createHead(api.str("forgetting.curve"), spacer(), more), body, key);
  const plot = createPlot(body, api.onResize);
  const draw = () => state.picture && plot.draw(specOf(state.picture.header, marking.at(), api), state.picture.theme);
  marking.add(draw);
  return {
    update: (picture) => {
      state.picture = picture;
      const { curves, mean_of } = picture.header;
      setAttr(more, "hidden", !curves.length);
      setText(
        key,
        curves.length
          ? api.str("forgetting.curve_key", { count: fmtNumber(mean_of) })
          : api.str("forgetting.curve_foreseen"),
      );
      draw();
    },
  };
}

/** @type {(header: ForgettingHeader, marked: string, api: Page) => PlotSpec} */
function specOf({ curves, first_steps, then_steps, curve_reading }, marked, api) {
  const last = first_steps + then_steps || 10;
  const high = Math.max(0.8, ...curves.flatMap(({ points }) => points.map(([, loss]) => loss))) * 1.15;
  const down = roundStep(high, 5);
  const across = roundStep(last, 6);
  const begins = first_steps || last / 2;
  const some = curves.some(({ at }) => at === marked);
  return {
    x: {
      min: 0,
      max: last,
      title: api.str("forgetting.axis.step"),
      ticks: curves.length ? evenTicks(0, last, across, (x) => fmtNumber(x)) : [[0, "0"]],
    },
    y: {
      min: 0,
      max: high,
      title: api.str("forgetting.axis.loss"),
      ticks: evenTicks(0, high, down, (x) => fmtNumber(x, down < 1 ? 1 : 0)),
    },
    lines: curves.map(({ at, points }) => ({
      points,
      class: `stage-${at}${at === marked ? " marked" : some ? " faint" : ""}`,
    })),
    guides: [{ x: begins, class: "uniform", text: api.str("forgetting.b_begins"), side: "right" }],
    label: curve_reading,
  };
}

/** @type {(header: ForgettingHeader | undefined, api: Page) => { columns: string[], rows: (string | number | null)[][] }} */
function tableOf(header, api) {
  const curves = header?.curves ?? [];
  const names = curves.map(({ at }) => api.str(`forgetting.at.${at}`));
  const steps = [...new Set(curves.flatMap(({ points }) => points.map(([step]) => step)))].sort((a, b) => a - b);
  const at = curves.map(({ points }) => new Map(points));
  return {
    columns: [api.str("forgetting.column.step"), ...names],
    rows: steps.map((step) => [step, ...at.map((losses) => losses.get(step) ?? null)]),
  };
}
