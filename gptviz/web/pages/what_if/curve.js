// How many heads can go before it breaks: the loss of the text, the least missed first, and at random.

import { evenTicks, roundStep } from "../../kit/axis.js";
import { el, fmtNumber, setAttr, setText } from "../../kit/dom.js";
import { createHead, spacer } from "../../kit/panel.js";
import { createPlot } from "../../kit/plot.js";

/** @import { Page, Panel, Shown } from "./types.d.ts" */
/** @import { Broken } from "./message.d.ts" */
/** @import { Mark, PlotSpec } from "../../kit/plot.js" */
/** @import { Table } from "../../types.d.ts" */

/** @type {(host: HTMLElement, api: Page) => Panel} */
export function createCurve(host, api) {
  /** @type {{ broken: Broken | null }} */
  const state = { broken: null };
  const small = el("small", {});
  const go = el("button", { type: "button", class: "btn", "data-testid": "curve-go" });
  go.addEventListener("click", () => api.setView({ curve: !api.view().curve }));
  const hint = el("p", { class: "hint", "data-testid": "curve-reading" });
  const progress = el("progress", { class: "curve-progress", "aria-label": api.str("what_if.curve") });
  const more = api.menu({
    title: () => api.str("what_if.curve"),
    reading: () => state.broken?.reading || api.str("what_if.curve_hint"),
    python: () => state.broken?.python ?? "",
    table: () => curveTable(state.broken, api),
    picture: () => (state.broken ? plot.picture : null),
  });
  const body = el("div", { class: "curve-body" });
  host.append(createHead(api.str("what_if.curve"), small, spacer(), go, more), hint, progress, body);
  const plot = createPlot(body, api.onResize);
  return {
    update: ({ header, theme }) => {
      const { broken } = header;
      state.broken = broken;
      const wanted = api.view().curve;
      setText(go, api.str(wanted ? "what_if.curve_stop" : "what_if.curve_go"));
      setAttr(go, "aria-pressed", String(wanted));
      setText(hint, broken?.reading || api.str("what_if.curve_hint"));
      const running = broken !== null && broken.done < broken.wanted;
      setText(small, running ? api.str("what_if.curve_small", { done: broken.done, wanted: broken.wanted }) : "");
      setAttr(progress, "hidden", !running);
      setAttr(progress, "max", broken?.wanted ?? 1);
      setAttr(progress, "value", broken?.done ?? 0);
      setAttr(body, "hidden", !broken?.best.length);
      setAttr(more, "hidden", !broken?.best.length);
      if (broken?.best.length) plot.draw(specOf(broken, api), theme);
      else plot.clear();
    },
  };
}

/** @type {(broken: Broken, api: Page) => PlotSpec} */
function specOf({ best, random, n_heads, reading }, api) {
  const most = Math.max(...best.map(([, bits]) => bits), ...random.map(([, bits]) => bits));
  const [across, up] = [roundStep(n_heads, 6), roundStep(most, 4)];
  const top = Math.ceil(most / up) * up;
  /** @type {(points: [number, number][], name: string) => Mark[]} */
  const end = (points, name) => {
    const at = points[Math.floor(points.length / 2)];
    return at
      ? [
          {
            x: at[0],
            y: at[1],
            class: name,
            text: api.str("what_if.curve_" + name),
            side: name === "best" ? "below" : "above",
          },
        ]
      : [];
  };
  return {
    x: { min: 0, max: n_heads, ticks: evenTicks(0, n_heads, across), title: api.str("what_if.curve_x") },
    y: {
      min: 0,
      max: top,
      ticks: evenTicks(0, top, up, (value) => fmtNumber(value, up < 1 ? 1 : 0)),
      title: api.str("what_if.curve_y"),
    },
    lines: [
      { points: random, class: "random" },
      { points: best, class: "best" },
    ],
    marks: [...end(random, "random"), ...end(best, "best")],
    label: reading || api.str("what_if.curve_hint"),
  };
}

/** @type {(broken: Broken | null, api: Page) => Table} */
function curveTable(broken, api) {
  const columns = ["curve_x", "curve_best", "curve_random"].map((name) => api.str("what_if." + name));
  const drawn = new Map(broken?.random ?? []);
  return { columns, rows: (broken?.best ?? []).map(([n, bits]) => [n, bits, drawn.get(n) ?? null]) };
}
