// The next-token panel: entropy and effective choices, the bars, the cumulative bar with the draw on it, and the controls.

import { createCumulative } from "../../kit/cumulative.js";
import { el, fmtNumber, setAttr, setClass, setText } from "../../kit/dom.js";
import { createFigure } from "../../kit/panel.js";
import { createSliders } from "../../kit/sliders.js";
import { createBars, filterName } from "./bars.js";

/** @import { Chip, DistributionView } from "./message.d.ts" */
/** @import { Figure } from "../../kit/panel.js" */
/** @import { Page, Panel } from "./types.d.ts" */
/** @import { Table } from "../../types.d.ts" */
/** @import { Shown } from "./types.d.ts" */

// update(picture) draws in place; light() does nothing here.
/** @type {(host: HTMLElement, api: Page) => Panel} */
export function createDistribution(host, api) {
  /** @type {Shown | null} */
  let shown = null;
  const [title, small] = [el("h2", {}), el("small", {})];
  const head = el("div", { class: "panel-head" }, title, small);
  const figures = /** @type {const} */ (["entropy", "effective", "kept"]).map((name) => ({ name, ...createFigure() }));
  const empty = el("p", { class: "empty-hint" });
  const body = el(
    "div",
    { class: "dist-body" },
    el(
      "div",
      { class: "kpis" },
      figures.map((figure) => figure.node),
    ),
  );
  const drawn = el("div", { class: "dist-drawn", "data-testid": "distribution", role: "group" }, body, empty);
  const panel = el("div", { class: "panel dist" }, head, drawn);
  host.append(panel);
  const bars = createBars(body, api);
  body.append(barKey(api));
  const cumulative = createCumulative(body, api);
  const sliders = createSliders(panel, api);
  const menu = api.menu({
    title: () => api.str("panel.distribution.title"),
    reading: () => shown?.header.distribution?.reading ?? "",
    python: () => shown?.header.distribution?.python ?? "",
    table: () => distributionTable(shown?.header.distribution, api),
    picture: () => (shown ? drawn : null),
  });
  head.append(menu);

  /** @param {Shown} picture */
  function update(picture) {
    const { distribution, ids, chips } = picture.header;
    shown = ids.length && distribution ? picture : null;
    setText(title, api.str("panel.distribution.title"));
    const space = Boolean(shown && distribution?.last && picture.header.space);
    setText(
      small,
      shown && distribution ? (space ? api.str("panel.distribution.space") : subtitle(distribution, chips, api)) : "",
    );
    setAttr(small, "title", space && small.textContent);
    setClass(small, "told", space);
    setText(empty, shown ? "" : api.str("empty.hint"));
    setAttr(panel, "data-empty", !shown);
    if (distribution && shown) {
      fillFigures(figures, distribution, api);
      bars.update(distribution);
      cumulative.update(distribution, picture.theme);
    } else bars.clear();
    sliders.update();
    setAttr(drawn, "aria-label", shown && distribution ? distribution.reading : api.str("empty.hint"));
    setAttr(drawn, "data-ids", ids.join(","));
  }
  return { update, light: () => {} };
}

// What the marks on the bars stand for.
/** @type {(api: Page) => HTMLElement} */
function barKey(api) {
  /** @param {string} name @param {string[]} marks */
  const entry = (name, ...marks) =>
    el(
      "span",
      { title: api.str(`panel.distribution.key.${name}_hint`) },
      marks.map((mark) => el("i", { class: "key-" + mark })),
      api.str(`panel.distribution.key.${name}`),
    );
  return el(
    "div",
    { class: "bar-key", "data-testid": "bar-key" },
    entry("model", "tick", "outline"),
    entry("others", "others"),
    entry("cut", "cut"),
    entry("piece", "piece"),
  );
}

/** @type {(distribution: DistributionView, chips: Chip[], api: Page) => string} */
function subtitle(distribution, chips, api) {
  if (distribution.last) return api.str("panel.distribution.small", { count: fmtNumber(distribution.vocab_size) });
  return api.str("panel.distribution.small_after", {
    label: chips[distribution.pos]?.label ?? "",
    pos: distribution.pos,
  });
}

/** @type {(figures: (Figure & { name: "entropy" | "effective" | "kept" })[], distribution: DistributionView, api: Page) => void} */
function fillFigures(figures, { entropy, effective, kept, entropy_model, effective_model, vocab_size, stages }, api) {
  /** @param {number} x */
  const choices = (x) => fmtNumber(x, x < 9.95 ? 1 : 0);
  const changed = Math.abs(entropy - entropy_model) > 0.005;
  const written = {
    entropy: [
      api.str("panel.distribution.bits", { bits: fmtNumber(entropy, 2) }),
      changed ? api.str("panel.distribution.of_model", { value: fmtNumber(entropy_model, 2) }) : "",
    ],
    effective: [
      choices(effective),
      changed ? api.str("panel.distribution.of_model", { value: choices(effective_model) }) : "",
    ],
    kept: [fmtNumber(kept), api.str("panel.distribution.of_all", { count: fmtNumber(vocab_size) })],
  };
  const chain = (stages ?? []).map((stage) => `${filterName(stage.name, api)} ${fmtNumber(stage.kept)}`).join(" → ");
  for (const { name, label, value, quiet, node } of figures) {
    setText(label, api.str(`panel.distribution.${name}`));
    setText(value, written[name][0]);
    setText(quiet, written[name][1]);
    setAttr(node, "title", api.str(`panel.distribution.${name}_hint`) + (name === "kept" && chain ? "\n" + chain : ""));
  }
}

/** @type {(distribution: DistributionView | undefined, api: Page) => Table} */
function distributionTable(distribution, api) {
  const columns = ["id", "token", "p_model", "p", "cut"].map((name) => api.str(`panel.distribution.column.${name}`));
  if (!distribution) return { columns, rows: [] };
  const { rows, tail } = distribution;
  const others = ["", api.str("panel.distribution.others", { count: fmtNumber(tail.count) }), tail.p_model, tail.p, ""];
  return { columns, rows: [...rows.map((row) => [row.id, row.label, row.p_model, row.p, row.cut ?? ""]), others] };
}
