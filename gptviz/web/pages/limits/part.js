// One half of an experiment: texts with marked stretches, bars with their intervals, or a plot; below it the reading.

import { el, setAttr, setClass, setStyle, setText, slots } from "../../kit/dom.js";
import { createHead, spacer } from "../../kit/panel.js";
import { createPlot } from "../../kit/plot.js";
import { plotOf } from "./plots.js";

/** @import { Page, Panel, Shown } from "./types.d.ts" */
/** @import { BarRow, Part, TextRow } from "./message.d.ts" */

/** @type {(host: HTMLElement, api: Page, which: "live" | "side") => Panel} */
export function createPart(host, api, which) {
  /** @type {Shown | null} */
  let shown = null;
  const part = () => shown?.header[which] ?? null;
  const small = el("small", {});
  const more = api.menu({
    title: () => part()?.title ?? "",
    reading: () => part()?.reading ?? "",
    python: () => part()?.python ?? "",
    table: () => ({ columns: part()?.columns ?? [], rows: part()?.rows ?? [] }),
    picture: () => (part()?.plot ? plot.picture : part() ? body : null),
  });
  const head = createHead("", small, spacer(), more);
  const title = /** @type {HTMLElement} */ (head.querySelector("h2"));
  const progress = el("progress", { class: "limit-progress", "data-testid": which + "-progress" });
  const texts = el("div", { class: "limit-texts", "data-testid": which + "-texts" });
  const bars = el("div", { class: "limit-bars", "data-testid": which + "-bars" });
  const chart = el("div", { class: "limit-plot" });
  const plot = createPlot(chart, api.onResize);
  const body = el("div", { class: "limit-body" }, texts, bars, chart);
  const reading = el("p", { class: "limit-reading", "data-testid": which + "-reading" });
  const caveat = which === "side" ? el("p", { class: "limit-caveat", "data-testid": "caveat" }) : null;
  const empty = el("p", { class: "hint", text: api.str("empty.hint") });
  host.append(head, reading, progress, empty, body, ...(caveat ? [caveat] : []));
  return {
    update: (picture) => {
      shown = picture;
      const found = part();
      setAttr(empty, "hidden", Boolean(found));
      for (const node of [body, reading]) setAttr(node, "hidden", !found);
      setAttr(more, "hidden", !found?.rows.length);
      setText(title, found?.title ?? "");
      setText(small, found ? smallOf(found, api) : "");
      setAttr(progress, "hidden", !found?.wanted);
      setAttr(progress, "max", found?.wanted || 1);
      setAttr(progress, "value", found?.done ?? 0);
      setAttr(progress, "aria-label", found?.title ?? "");
      if (caveat) showCaveat(caveat, picture.header.caveat, api);
      if (!found) return;
      setAttr(body, "data-show", picture.header.view.show);
      const scrolls = which === "side" && picture.header.view.show === "memory"; // so that keys reach all of it
      setAttr(texts, "tabindex", scrolls ? 0 : null);
      setAttr(texts, "role", scrolls ? "group" : null);
      setAttr(texts, "aria-label", scrolls ? found.title : null);
      showTexts(texts, found.texts, picture.header.view.show === "loops");
      showLimitBars(bars, found);
      setAttr(chart, "hidden", !found.plot);
      if (found.plot) plot.draw(plotOf(found, api), picture.theme);
      else plot.clear();
      setText(reading, found.reading);
    },
  };
}

/** @type {(part: Part, api: Page) => string} */
function smallOf({ small, done, wanted }, api) {
  return wanted ? api.str("limits.measured", { done, wanted }) : small;
}

/** @type {(host: HTMLElement, text: string, api: Page) => void} */
function showCaveat(host, text, api) {
  if (host.dataset.text === text) return;
  host.dataset.text = text;
  host.replaceChildren(el("b", { text: api.str("limits.caveat_title") }), " ", text);
}

// `long`: they may be longer than their place, and are scrolled in it by keys too.
/** @type {(host: HTMLElement, texts: TextRow[], long: boolean) => void} */
function showTexts(host, texts, long) {
  setAttr(host, "hidden", texts.length === 0);
  const made = slots(host, texts.length, () =>
    el("div", { class: "limit-text" }, el("b", {}), el("p", {}), el("small", { class: "mono" })),
  );
  texts.forEach(({ name, pieces, number }, i) => {
    const [label, text, said] = made[i].children;
    setText(label, name);
    setAttr(label, "hidden", !name);
    setText(said, number);
    setAttr(text, "tabindex", long ? 0 : null);
    setAttr(text, "role", long ? "group" : null);
    setAttr(text, "aria-label", long ? name : null);
    const spans = slots(text, pieces.length, () => el("span", {}));
    pieces.forEach((piece, at) => {
      setText(spans[at], piece.text);
      setAttr(spans[at], "class", piece.mark ? "mark-" + piece.mark : null);
    });
  });
}

// From 0 to the right; where some are below 0, from the middle to either side. The thin line is the interval.
/** @type {(host: HTMLElement, part: Part) => void} */
function showLimitBars(host, { bars, most }) {
  setAttr(host, "hidden", bars.length === 0);
  const signed = bars.some(({ value }) => value < 0);
  setClass(host, "signed", signed);
  const made = slots(host, bars.length, () =>
    el(
      "div",
      { class: "limit-bar" },
      el("span", { class: "limit-word" }),
      el(
        "span",
        { class: "limit-track" },
        el("i", { class: "fill" }),
        el("i", { class: "other" }),
        el("i", { class: "span" }),
      ),
      el("b", { class: "mono" }),
    ),
  );
  bars.forEach((bar, i) => showBar(/** @type {HTMLElement} */ (made[i]), bar, most, signed));
}

/** @type {(node: HTMLElement, bar: BarRow, most: number, signed: boolean) => void} */
function showBar(node, { word, value, low, high, other, number }, most, signed) {
  const [label, track, said] = node.children;
  const [fill, outline, span] = /** @type {HTMLElement[]} */ ([...track.children]);
  setText(label, word);
  setAttr(label, "title", word);
  setText(said, number);
  setClass(fill, "minus", value < 0);
  const half = signed ? 2 : 1;
  place(fill, signed ? (value < 0 ? 0.5 + value / most / 2 : 0.5) : 0, Math.abs(value) / most / half);
  setAttr(outline, "hidden", other === null);
  if (other !== null) place(outline, 0, other / most);
  setAttr(span, "hidden", low === null || high === null);
  if (low !== null && high !== null) place(span, low / most, (high - low) / most);
}

/** @type {(node: HTMLElement, from: number, wide: number) => void} */
function place(node, from, wide) {
  setStyle(node, "left", shareOf(from));
  setStyle(node, "width", shareOf(wide));
}

/** @type {(share: number) => string} */
function shareOf(share) {
  return (Math.min(1, Math.max(0, share)) * 100).toFixed(2) + "%";
}
