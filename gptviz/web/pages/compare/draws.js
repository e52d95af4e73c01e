// Many draws of one column: how long, how likely, which texts came more than once.

import { el, fmtNumber, fmtPercent, setAttr, setStyle, setText, slots, svg } from "../../kit/dom.js";
import { createHead, spacer } from "../../kit/panel.js";

/** @import { Bin, CompareHeader, Draws, SpreadView } from "./message.d.ts" */
/** @import { Page } from "./types.d.ts" */
/** @import { Table } from "../../types.d.ts" */

const DRAW_COUNTS = [10, 20, 50, 100, 200];
/** @typedef {(typeof DRAW_FIGURES)[number]} DrawsFigure */
const DRAW_FIGURES = /** @type {const} */ (["distinct_texts", "mean_length", "mean_logprob", "distinct"]);
const BARS_HEIGHT = 70;
const FEWEST_BARS = 8; // fewer stand in the middle, no wider than these

// Gives { card, update(header) }.
/** @type {(api: Page) => { card: HTMLElement, update: (header: CompareHeader) => void }} */
export function createDraws(api) {
  /** @type {{ header: CompareHeader | null, shown: boolean }} */
  const memory = { header: null, shown: false };
  const draws = () => memory.header?.draws;
  const note = el("small", {});
  const count = el(
    "select",
    { "aria-label": api.str("compare.draws.number"), "data-testid": "draws-count" },
    DRAW_COUNTS.map((n) => el("option", { value: n, text: n })),
  );
  const again = el("button", { type: "button", class: "btn", text: api.str("compare.draws.again") });
  const close = el("button", {
    type: "button",
    class: "more",
    "aria-label": api.str("compare.draws.close"),
    text: "×",
    onclick: () => api.act({ kind: "no_draws" }),
  });
  const menu = api.menu({
    title: api.str("compare.draws.title"),
    reading: () => draws()?.reading ?? "",
    python: () => draws()?.python,
    table: () => drawsTable(draws(), api),
    picture: () => (draws()?.view ? card : null),
  });
  const lengths = histogram(api.str("compare.draws.lengths"), 0);
  const logprobs = histogram(api.str("compare.draws.logprobs"), 2);
  const figures = DRAW_FIGURES.map((name) => {
    const value = el("b", {});
    const label = el("span", { class: "kpi-label", text: api.str("compare.draws." + name) });
    return { name, value, node: el("div", { class: "kpi" }, label, value) };
  });
  const often = el("small", {});
  const texts = el("ol", { class: "draw-texts" });
  const card = el(
    "section",
    { class: "card draws-card", "data-testid": "draws", "aria-label": api.str("compare.draws.title") },
    createHead(api.str("compare.draws.title"), note, spacer(), count, again, menu, close),
    el(
      "div",
      { class: "draws-body" },
      el(
        "div",
        { class: "draws-figures" },
        figures.map(({ node }) => node),
      ),
      lengths.node,
      logprobs.node,
      el("div", { class: "draws-texts" }, often, texts),
    ),
  );
  const bar = el("i", {});
  const progress = el("div", { class: "progress", "aria-hidden": "true" }, bar);
  card.append(progress);
  const ask = () => api.act({ kind: "draws", column: draws()?.slot, n: Number(count.value) });
  again.addEventListener("click", ask);
  count.addEventListener("change", ask);
  return {
    card,
    update: (header) => {
      memory.header = header;
      card.hidden = !header.draws;
      if (!header.draws) {
        memory.shown = false;
        return;
      }
      progress.hidden = !header.running;
      setStyle(bar, "width", fmtPercent(header.progress));
      drawDraws({ note, count, figures, lengths, logprobs, often, texts }, header.draws, api);
      if (!memory.shown) requestAnimationFrame(() => card.scrollIntoView({ block: "nearest" }));
      memory.shown = true;
    },
  };
}

/**
 * @typedef {object} DrawsParts
 * @property {HTMLElement} note
 * @property {HTMLSelectElement} count
 * @property {{ name: DrawsFigure, value: HTMLElement }[]} figures
 * @property {ReturnType<typeof histogram>} lengths
 * @property {ReturnType<typeof histogram>} logprobs
 * @property {HTMLElement} often
 * @property {HTMLElement} texts
 */

/** @type {(parts: DrawsParts, draws: Draws, api: Page) => void} */
function drawDraws({ note, count, figures, lengths, logprobs, often, texts }, { view, name, wanted }, api) {
  setText(note, api.str("compare.draws.note", { name, wanted, found: view ? view.n : 0 }));
  if (/** @type {ShadowRoot} */ (count.getRootNode()).activeElement !== count) count.value = String(wanted);
  for (const { name: figure, value } of figures) setText(value, drawFigure(figure, view ?? null));
  lengths.update(view ? view.lengths : [], api);
  logprobs.update(view ? view.logprobs : [], api);
  const shown = view ? view.texts : [];
  setText(often, api.str(shown.length && shown[0][1] === 1 ? "compare.draws.once" : "compare.draws.texts"));
  slots(texts, shown.length, () => el("li", {}, el("span", { class: "mono" }), el("span", { class: "t" })));
  shown.forEach(([text, times], i) => {
    setText(texts.children[i].children[0], "×" + times);
    setText(texts.children[i].children[1], text.replaceAll("\n", " "));
    setAttr(texts.children[i], "title", text);
  });
}

/** @type {(name: DrawsFigure, view: SpreadView | null) => string} */
function drawFigure(name, view) {
  if (!view) return "–";
  if (name === "distinct") return `${fmtNumber(view.distinct_1, 2)} / ${fmtNumber(view.distinct_2, 2)}`;
  return fmtNumber(view[name], name === "mean_logprob" ? 2 : name === "mean_length" ? 1 : 0);
}

/** @type {(title: string, digits: number) => { node: HTMLElement, update: (bins: Bin[], api: Page) => void }} */
function histogram(title, digits) {
  const drawing = svg("svg", { class: "histogram", preserveAspectRatio: "none", role: "img" });
  const [low, high] = [el("span", { class: "mono" }), el("span", { class: "mono" })];
  const node = el("figure", {}, el("figcaption", { text: title }), drawing, el("div", { class: "ends" }, low, high));
  /** @param {Bin[]} bins @param {Page} api */
  const update = (bins, api) => {
    const room = Math.max(FEWEST_BARS, bins.length);
    const most = Math.max(1, ...bins.map((bin) => bin.count));
    setAttr(drawing, "viewBox", `0 0 ${room} ${BARS_HEIGHT}`);
    const said = bins.map((bin) =>
      api.str("compare.draws.bar", {
        low: binEnd(bin.low, digits, 0.5),
        high: binEnd(bin.high, digits, -0.5),
        count: bin.count,
      }),
    );
    slots(drawing, bins.length, () => svg("rect", {}, svg("title", {})));
    bins.forEach((bin, i) => {
      const height = (bin.count / most) * BARS_HEIGHT;
      const shape = { x: (room - bins.length) / 2 + i + 0.06, width: 0.88, y: BARS_HEIGHT - height, height };
      for (const [name, value] of Object.entries(shape)) setAttr(drawing.children[i], name, value.toFixed(2));
      setText(drawing.children[i].children[0], said[i]);
    });
    setAttr(drawing, "aria-label", `${title}. ${said.join("; ")}`);
    setText(low, bins.length ? binEnd(bins[0].low, digits, 0.5) : "");
    setText(high, bins.length > 1 ? binEnd(bins[bins.length - 1].high, digits, -0.5) : "");
  };
  return { node, update };
}

// A bin of whole numbers is drawn from half before its first to half after its last.
/** @type {(edge: number, digits: number, half: number) => string} */
function binEnd(edge, digits, half) {
  return fmtNumber(digits ? edge : edge + half, digits);
}

/** @type {(draws: Draws | null | undefined, api: Page) => Table} */
function drawsTable(draws, api) {
  const columns = ["index", "seed", "length", "logprob", "text"].map((name) => api.str("compare.draws.table." + name));
  return { columns, rows: draws?.rows || [] };
}
