// Where each token looks, as lines: queries on the left, keys on the right, a line as strong as its weight. A token that is pointed at
// (or focused) shows its own lines alone: on the left where it looks, on the right who looks at it.

import { clamp, el, fmtPercent, numbersOf, setAttr, setText, svg, within } from "../../kit/dom.js";
import { createHead, spacer } from "../../kit/panel.js";

/** @import { Full, Page, Panel } from "./types.d.ts" */
/** @import { Table } from "../../types.d.ts" */
/** @typedef {{ side: "query" | "key", pos: number }} Pointed */

const ROW = 21; // px, times the size of type; more where there are few tokens
const MOST_ROW = 46;
const FAINT = 0.02; // weights below this are not drawn
const NAMED = 3;

/** @type {(host: HTMLElement, api: Page) => Panel} */
export function createLines(host, api) {
  /** @type {{ picture: Full | null, pointed: Pointed | null }} */
  const memory = { picture: null, pointed: null };
  const drawing = svg("svg", {
    class: "lines",
    role: "group",
    "aria-label": api.str("attend.lines"),
    "data-testid": "lines",
  });
  const scroll = el("div", { class: "lines-scroll edged" }, drawing);
  const said = el("p", { class: "lines-said", "data-testid": "lines-said" });
  const empty = el("p", { class: "hint", text: api.str("empty.hint") });
  const head = createHead(api.str("attend.lines"), el("small", { text: api.str("attend.lines_small") }), spacer());
  head.append(
    api.menu({
      title: api.str("attend.lines"),
      reading: () => said.textContent,
      python: () => memory.picture?.header.flow.python ?? "",
      table: () => linesTable(memory.picture, api),
      picture: () => (memory.picture ? drawing : null),
    }),
  );
  host.append(head, scroll, said, empty);
  const draw = () => {
    const { picture, pointed } = memory;
    if (!picture) return;
    drawLines(drawing, { width: scroll.clientWidth, height: scroll.clientHeight }, picture, pointed, api);
    setText(said, sayLines(picture, pointed, api));
  };
  api.onResize(scroll, draw);
  /** @param {Event} event */
  const point = (event) => {
    const mark = within(event, "[data-side]");
    const found = mark
      ? { side: /** @type {"query" | "key"} */ (mark.dataset.side), pos: Number(mark.dataset.pos) }
      : null;
    if (found?.side === memory.pointed?.side && found?.pos === memory.pointed?.pos) return;
    memory.pointed = found;
    draw();
  };
  for (const kind of ["pointerover", "pointerleave", "focusin", "focusout"]) drawing.addEventListener(kind, point);
  /** @param {Event} event */
  const choose = (event) => {
    const mark = within(event, "[data-side]");
    if (mark)
      api.setView(
        mark.dataset.side === "query"
          ? { pos: Number(mark.dataset.pos), key: null }
          : { key: Number(mark.dataset.pos) },
      );
  };
  drawing.addEventListener("click", choose);
  drawing.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    event.stopPropagation();
    choose(event);
  });
  return {
    update: (picture) => {
      memory.picture = picture.header.flow ? /** @type {Full} */ (picture) : null;
      for (const part of [scroll, said]) setAttr(part, "hidden", !memory.picture);
      setAttr(empty, "hidden", Boolean(memory.picture));
      if ((memory.pointed?.pos ?? 0) >= picture.header.ids.length) memory.pointed = null;
      draw();
    },
  };
}

/** @type {(drawing: SVGSVGElement, size: { width: number, height: number }, picture: Full, pointed: Pointed | null, api: Page) => void} */
function drawLines(drawing, { width, height }, picture, pointed, api) {
  const { flow, view } = picture.header;
  const { theme } = picture;
  const count = flow.labels.length;
  const high = clamp(Math.floor((height - 4) / count), ROW * theme.type, MOST_ROW * theme.type);
  const weights = numbersOf(picture, "pattern");
  const at = pointed ?? { side: "query", pos: view.pos ?? count - 1 };
  const [left, right] = [width * 0.34, width * 0.66];
  setAttr(drawing, "width", width);
  setAttr(drawing, "height", count * high);
  const middle = (/** @type {number} */ pos) => (pos + 0.5) * high;
  /** @type {SVGElement[]} */
  const lines = [];
  for (let query = 0; query < count; query += 1) {
    for (let key = 0; key <= query; key += 1) {
      const weight = weights[query * count + key];
      const own = (at.side === "query" ? query : key) === at.pos;
      if (weight < FAINT || (!own && count > 40)) continue;
      const bend = (right - left) / 2;
      const d = `M${left} ${middle(query)}C${left + bend} ${middle(query)} ${right - bend} ${middle(key)} ${right} ${middle(key)}`;
      const opacity = own ? 0.25 + 0.75 * weight : 0.14 * weight;
      lines.push(
        svg("path", {
          d,
          fill: "none",
          stroke: theme.accent,
          "stroke-width": (0.6 + 6 * weight * theme.type).toFixed(2),
          "stroke-opacity": opacity.toFixed(3),
        }),
      );
    }
  }
  const focused = /** @type {HTMLElement | null} */ (drawing.querySelector("[data-side]:focus"))?.dataset;
  drawing.replaceChildren(
    ...lines,
    ...flow.labels.flatMap((label, pos) => [
      tokenMark("query", label, pos, { x: left - 8, y: middle(pos) }, at, picture, api),
      tokenMark("key", label, pos, { x: right + 8, y: middle(pos) }, at, picture, api),
    ]),
  );
  if (focused)
    /** @type {SVGElement | null} */ (
      drawing.querySelector(`[data-side="${focused.side}"][data-pos="${focused.pos}"]`)
    )?.focus();
}

/** @type {(side: "query" | "key", label: string, pos: number, place: { x: number, y: number }, at: Pointed, picture: Full, api: Page) => SVGElement} */
function tokenMark(side, label, pos, { x, y }, at, picture, api) {
  const { theme, header } = picture;
  const count = header.flow.labels.length;
  const own = at.side === side && at.pos === pos;
  const weight = own ? null : weightOf(picture, side, pos, at);
  const chosen = pos === (side === "query" ? header.view.pos : header.view.key);
  const text = [...label].length > 12 ? [...label].slice(0, 11).join("") + "…" : label;
  const said =
    weight === null || weight < FAINT
      ? text
      : side === "query"
        ? `${fmtPercent(weight, 0)}  ${text}`
        : `${text}  ${fmtPercent(weight, 0)}`;
  return svg(
    "text",
    {
      x,
      y,
      "dominant-baseline": "central",
      "text-anchor": side === "query" ? "end" : "start",
      "data-side": side,
      "data-pos": pos,
      class: own || chosen ? "own" : "",
      fill: own ? theme.accent : theme.ink,
      "font-size": 13 * theme.type,
      role: "button",
      tabindex: pos === (side === "query" ? (header.view.pos ?? count - 1) : (header.view.key ?? 0)) ? "0" : "-1",
      "aria-label": api.str("attend.mark_" + side, { label, pos }),
    },
    said,
  );
}

// The weight between a token and the one that is pointed at; null where there is none.
/** @type {(picture: Full, side: "query" | "key", pos: number, at: Pointed) => number | null} */
function weightOf(picture, side, pos, at) {
  if (side === at.side) return null;
  const count = picture.header.flow.labels.length;
  const [query, key] = at.side === "query" ? [at.pos, pos] : [pos, at.pos];
  return key <= query ? numbersOf(picture, "pattern")[query * count + key] : null;
}

/** @type {(picture: Full, pointed: Pointed | null, api: Page) => string} */
function sayLines(picture, pointed, api) {
  const { labels } = picture.header.flow;
  const at = pointed ?? { side: /** @type {const} */ ("query"), pos: picture.header.view.pos ?? labels.length - 1 };
  const other = at.side === "query" ? "key" : "query";
  const found = labels
    .map((label, pos) => ({ label, weight: weightOf(picture, other, pos, at) ?? 0 }))
    .sort((a, b) => b.weight - a.weight);
  const items = found
    .slice(0, NAMED)
    .filter(({ weight }) => weight >= FAINT)
    .map(({ label, weight }) => `${label} ${fmtPercent(weight, 0)}`);
  return api.str("attend.said_" + at.side, { label: labels[at.pos] ?? "", items: items.join(", ") || "–" });
}

/** @type {(picture: Full | null, api: Page) => Table} */
function linesTable(picture, api) {
  const labels = picture?.header.flow.labels ?? [];
  const weights = picture ? numbersOf(picture, "pattern") : [];
  const rows = labels.map((label, query) => [
    label,
    ...labels.map((_, key) => (key <= query ? weights[query * labels.length + key] : null)),
  ]);
  return { columns: [api.str("attend.column.query"), ...labels], rows };
}
