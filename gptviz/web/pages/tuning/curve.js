// The loss while it falls: of the steps, and after each pass over the texts of what is held out. Before it begins, its axes with what
// guessing costs.

import { evenTicks, roundStep } from "../../kit/axis.js";
import { el, fmtNumber, fmtPercent, setAttr, setText } from "../../kit/dom.js";
import { createHead, spacer } from "../../kit/panel.js";
import { createPlot } from "../../kit/plot.js";

/** @import { PlotSpec } from "../../kit/plot.js" */
/** @import { Page, Panel, Shown } from "./types.d.ts" */
/** @import { TuningHeader } from "./message.d.ts" */

/** @type {(host: HTMLElement, api: Page) => Panel} */
export function createCurve(host, api) {
  /** @type {{ picture: Shown | null }} */
  const state = { picture: null };
  const small = el("small", { "data-testid": "right" });
  const more = api.menu({
    title: () => api.str("tuning.curve"),
    reading: () => state.picture?.header.curve_reading ?? "",
    python: () => state.picture?.header.setup_python,
    table: () => curveTable(state.picture?.header, api),
    picture: () => (state.picture?.header.train.length ? plot.picture : null),
  });
  const empty = el("p", { class: "hint empty", text: api.str("tuning.before") });
  const body = el("div", { class: "curve-body", "data-testid": "loss" });
  const key = el("p", { class: "curve-key" });
  host.append(createHead(api.str("tuning.curve"), small, spacer(), more), empty, body, key);
  const plot = createPlot(body, api.onResize);
  return {
    update: (picture) => {
      state.picture = picture;
      const { header } = picture;
      const shown = header.train.length > 0;
      const axes = shown || header.foreseen > 0;
      setAttr(empty, "hidden", axes);
      for (const node of [body, key]) setAttr(node, "hidden", !axes);
      setAttr(more, "hidden", !shown);
      const right = header.right.at(-1)?.[1];
      setText(small, right === undefined || !shown ? "" : api.str("tuning.right", { right: fmtPercent(right, 1) }));
      if (!axes) return plot.clear();
      plot.draw(shown ? specOf(header, api) : foreseen(header, api), picture.theme);
      if (!shown) return setText(key, header.foreseen_said);
      setText(
        key,
        api.str("tuning.now", {
          train: fmtNumber(header.train.at(-1)?.[1] ?? 0, 3),
          valid: header.valid.length ? fmtNumber(header.valid[header.valid.length - 1][1], 3) : "–",
        }),
      );
    },
  };
}

// How many steps it will take is not said before they are.
/** @type {(header: TuningHeader, api: Page) => PlotSpec} */
function foreseen(header, api) {
  const spec = specOf({ ...header, train: [], valid: [], chance: header.foreseen }, api);
  return { ...spec, x: { ...spec.x, ticks: [[0, "0"]] }, label: header.foreseen_said };
}

/** @type {(header: TuningHeader, api: Page) => PlotSpec} */
function specOf(header, api) {
  const last = Math.max(header.steps, 10);
  const high = Math.max(0.1, header.chance, ...[...header.train, ...header.valid].map(([, loss]) => loss)) * 1.06;
  const across = roundStep(last, 6);
  const up = roundStep(high, 6);
  return {
    x: {
      min: 0,
      max: last,
      title: api.str("tuning.axis.step"),
      ticks: evenTicks(0, last, across, (x) => fmtNumber(x)),
    },
    y: {
      min: 0,
      max: high,
      title: api.str("tuning.axis.loss"),
      ticks: evenTicks(0, high, up, (x) => fmtNumber(x, up < 1 ? (up < 0.1 ? 2 : 1) : 0)),
    },
    lines: [
      { points: header.train, class: "plain" },
      { points: header.valid, class: "main" },
    ],
    guides: header.chance
      ? [{ y: header.chance, class: "uniform", text: api.str("tuning.chance", { nats: fmtNumber(header.chance, 3) }) }]
      : [],
    marks: header.valid.map(([x, y]) => ({ x, y, class: "main" })),
    label: header.curve_reading,
  };
}

/** @type {(header: TuningHeader | undefined, api: Page) => { columns: string[], rows: (number | null)[][] }} */
function curveTable(header, api) {
  const columns = ["step", "train", "valid", "right"].map((name) => api.str(`tuning.column.${name}`));
  const [valid, right] = [new Map(header?.valid), new Map(header?.right)];
  const rows = (header?.train ?? []).map(([step, loss]) => [
    step,
    loss,
    valid.get(step) ?? null,
    right.get(step) ?? null,
  ]);
  return { columns, rows };
}
