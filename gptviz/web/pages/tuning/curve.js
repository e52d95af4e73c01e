// The loss while it falls: of the steps, and after each pass over the texts of what is held out.

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
      setAttr(empty, "hidden", shown);
      for (const node of [body, key, more]) setAttr(node, "hidden", !shown);
      const right = header.right.at(-1)?.[1];
      setText(small, right === undefined || !shown ? "" : api.str("tuning.right", { right: fmtPercent(right, 1) }));
      if (!shown) return plot.clear();
      plot.draw(specOf(header, api), picture.theme);
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
