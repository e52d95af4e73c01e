// By DPO: ln p of chosen and rejected answers against the model it was, apart. By PPO: the reward against KL, a dot a step. Before it
// begins, the axes with the point from which it will.

import { evenTicks, roundStep } from "../../kit/axis.js";
import { el, fmtNumber, setAttr, setText } from "../../kit/dom.js";
import { createHead, spacer } from "../../kit/panel.js";
import { createPlot } from "../../kit/plot.js";

/** @import { Tick } from "../../kit/axis.js" */
/** @import { Axis, PlotSpec } from "../../kit/plot.js" */
/** @import { Page, Panel, Shown } from "./types.d.ts" */
/** @import { AlignmentHeader } from "./message.d.ts" */

const LN2 = fmtNumber(Math.LN2, 3);

/** @type {(host: HTMLElement, api: Page) => Panel} */
export function createCurve(host, api) {
  /** @type {{ picture: Shown | null }} */
  const state = { picture: null };
  const small = el("small", { "data-testid": "right" });
  const more = api.menu({
    title: () => api.str("alignment.curve"),
    reading: () => state.picture?.header.curve_reading ?? "",
    python: () => state.picture?.header.setup_python,
    table: () => curveTable(state.picture?.header, api),
    picture: () => (state.picture?.header.way ? plot.picture : null),
  });
  const body = el("div", { class: "curve-body", "data-testid": "aligned" });
  const key = el("p", { class: "curve-key" });
  host.append(createHead(api.str("alignment.curve"), small, spacer(), more), body, key);
  const plot = createPlot(body, api.onResize);
  return {
    update: (picture) => {
      state.picture = picture;
      const { header } = picture;
      const shown = Boolean(header.way);
      setAttr(more, "hidden", !shown);
      const said = [
        header.judge_right && api.str("alignment.judge_right", { right: header.judge_right }),
        header.pairs_right && api.str("alignment.pairs_right", { right: header.pairs_right }),
      ];
      setText(small, said.filter(Boolean).join(" · "));
      const dpo = (header.way || api.view().by) === "dpo";
      const words = shown
        ? api.str(dpo ? "alignment.dpo_key" : "alignment.ppo_key")
        : dpo
          ? api.str("foreseen.dpo", { ln2: LN2 })
          : api.str("foreseen.ppo");
      const spec = dpo ? apart(header, api) : traded(header, api);
      plot.draw(shown ? spec : foreseen(spec, dpo, api), picture.theme);
      setText(key, words);
    },
  };
}

// Where it will begin; how far it will go nobody knows, so that there are no numbers but 0.
/** @type {(spec: PlotSpec, dpo: boolean, api: Page) => PlotSpec} */
function foreseen({ x, y, label }, dpo, api) {
  /** @type {Tick[]} */
  const ticks = [[0, "0"]];
  const guide = dpo
    ? { y: 0, class: "uniform", text: api.str("foreseen.same", { ln2: LN2 }), side: "right" }
    : { x: 0, class: "uniform", text: api.str("foreseen.origin"), side: "right" };
  return {
    x: { ...x, min: dpo ? 0 : -0.1, max: 1, ticks },
    y: { ...y, min: dpo ? -1 : 0, max: 1, ticks: dpo ? ticks : [] },
    lines: [],
    guides: [guide],
    label,
  };
}

/** @type {(header: AlignmentHeader, api: Page) => PlotSpec} */
function apart({ chosen, rejected, steps, curve_reading }, api) {
  const every = [...chosen, ...rejected].map(([, y]) => y);
  return {
    x: axis(0, Math.max(steps, 4), api.str("alignment.axis.step")),
    y: axis(Math.min(0, ...every), Math.max(0.1, ...every), api.str("alignment.axis.nats")),
    lines: [
      { points: rejected, class: "plain" },
      { points: chosen, class: "main" },
    ],
    guides: [{ y: 0, class: "uniform" }],
    marks: chosen.map(([x, y]) => ({ x, y, class: "main" })),
    label: curve_reading,
  };
}

/** @type {(header: AlignmentHeader, api: Page) => PlotSpec} */
function traded({ tradeoff, rewards, curve_reading }, api) {
  const [far, paid] = [tradeoff.map(([x]) => x), rewards.map(([, y]) => y)];
  return {
    x: axis(Math.min(0, ...far), Math.max(0.5, ...far), api.str("alignment.axis.kl")),
    y: axis(Math.min(0, ...paid), Math.max(0.1, ...paid), api.str("alignment.axis.reward")),
    lines: [{ points: tradeoff, class: "plain" }],
    marks: tradeoff.map(([x, y], i) => ({ x, y, class: i === tradeoff.length - 1 ? "main" : "run" })),
    label: curve_reading,
  };
}

/** @type {(low: number, high: number, title: string) => Axis} */
function axis(low, high, title) {
  const room = (high - low) * 0.06;
  const [min, max] = [low < 0 ? low - room : 0, high + room];
  const step = roundStep(max - min, 6);
  const digits = step < 0.1 ? 2 : step < 1 ? 1 : 0;
  return { min, max, title, ticks: evenTicks(Math.ceil(min / step) * step, max, step, (x) => fmtNumber(x, digits)) };
}

/** @type {(header: AlignmentHeader | undefined, api: Page) => { columns: string[], rows: (number | null)[][] }} */
function curveTable(header, api) {
  const named = (/** @type {string[]} */ ...names) => names.map((name) => api.str(`alignment.column.${name}`));
  if (header?.way === "ppo")
    return {
      columns: named("step", "kl", "reward"),
      rows: header.rewards.map(([step, y], i) => [step, header.tradeoff[i][0], y]),
    };
  const rows = (header?.chosen ?? []).map(([step, y], i) => [step, y, header?.rejected[i][1] ?? null]);
  return { columns: named("step", "chosen", "rejected"), rows };
}
