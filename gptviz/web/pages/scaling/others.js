// What others have published, on a chart of its own: the best N for a budget C, and the laws as they were printed.

import { powerTicks } from "../../kit/axis.js";
import { el, setText } from "../../kit/dom.js";
import { createHead, spacer } from "../../kit/panel.js";
import { createPlot } from "../../kit/plot.js";

/** @import { Page, Panel, Shown } from "./types.d.ts" */
/** @import { Published } from "./message.d.ts" */
/** @import { Table } from "../../types.d.ts" */

const NAMES = ["kaplan", "chinchilla", "epoch"];

/** @type {(host: HTMLElement, api: Page) => Panel} */
export function createOthers(host, api) {
  /** @type {Published | null} */
  let shown = null;
  const menu = api.menu({
    title: api.str("scaling.others"),
    reading: () => shown?.reading ?? "",
    table: () => othersTable(shown, api),
    python: () => shown?.python ?? "",
    picture: () => (shown ? body : null),
  });
  const body = el("div", { class: "scaling-others", "data-testid": "others" });
  const formulas = NAMES.map(() => el("span", { class: "mono" }));
  host.append(
    createHead(api.str("scaling.others"), el("small", { text: api.str("scaling.others_small") }), spacer(), menu),
    body,
  );
  const plot = createPlot(body, api.onResize);
  body.append(
    el(
      "div",
      { class: "scaling-formulas" },
      NAMES.map((name, i) =>
        el("p", { class: "key " + name }, el("i", {}), el("b", { text: api.str("scaling." + name) }), formulas[i]),
      ),
      el("p", { class: "others-note", text: api.str("scaling.others_note") }),
    ),
  );
  /** @param {Shown} picture */
  function update({ header: { published }, theme }) {
    shown = published;
    NAMES.forEach((name, i) => setText(formulas[i], published.formulas[name] ?? ""));
    const all = NAMES.flatMap((name) => published.lines[name] ?? []);
    if (!all.length) return plot.clear();
    const [xs, ys] = [all.map(([x]) => x), all.map(([, y]) => y)];
    const [low, high] = [Math.floor(Math.log10(Math.min(...ys))), Math.ceil(Math.log10(Math.max(...ys)))];
    plot.draw(
      {
        x: {
          log: true,
          min: Math.min(...xs),
          max: Math.max(...xs),
          ticks: powerTicks(18, 26, 5),
          title: api.str("scaling.by_c"),
        },
        y: {
          log: true,
          min: 10 ** low,
          max: 10 ** high,
          ticks: powerTicks(low, high, 5),
          title: api.str("scaling.best_n"),
        },
        lines: NAMES.map((name) => ({ points: published.lines[name] ?? [], class: name })),
        label: published.reading,
      },
      theme,
    );
  }
  return { update };
}

/** @type {(published: Published | null, api: Page) => Table} */
function othersTable(published, api) {
  const columns = ["law", "flops", "best_n"].map((name) => api.str("scaling.column." + name));
  const rows = NAMES.flatMap((name) =>
    (published?.lines[name] ?? []).map(([flops, n]) => [api.str("scaling." + name), flops, n]),
  );
  return { columns, rows };
}
