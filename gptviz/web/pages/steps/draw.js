// The draw: the kept tokens side by side on a bar from 0 (above) to 1 (below), ribbons from their rows to their stretches, and u.

import { fixed, fmtPercent, setAttr, svg, within } from "../../kit/dom.js";
import { mixColour } from "../../kit/theme.js";

/** @import { Choice, PipelineView, Stretch } from "./message.d.ts" */
/** @import { Page } from "./types.d.ts" */
/** @import { Theme } from "../../kit/theme.js" */

const RIBBON = 54; // px from the rows to the bar
const BAR_WIDTH = 30;
const BAR_WORDS = 118;

export const DRAW_WIDTH = RIBBON + BAR_WIDTH + BAR_WORDS;

// update(pipeline, theme, row) draws; `row` is the height of a row in px.
/** @type {(host: HTMLElement, api: Page) => { update: (pipeline: PipelineView, theme: Theme, row: number) => void }} */
export function createDraw(host, api) {
  const drawing = svg("svg", { class: "draw-svg", role: "img", "data-testid": "draw" });
  host.append(drawing);
  /** @type {{ bar: Stretch[], pos: number }} */
  const memory = { bar: [], pos: 0 };
  drawing.addEventListener("click", (event) => {
    const at = within(event, "[data-at]");
    if (at) api.act({ kind: "choose", id: memory.bar[Number(at.dataset.at)].id, pos: memory.pos });
  });
  return {
    update: (pipeline, theme, row) => {
      memory.bar = pipeline.bar;
      memory.pos = pipeline.pos;
      const height = row * (pipeline.rows.length + (pipeline.tail.count ? 1 : 0));
      const width = DRAW_WIDTH * theme.type ** 0.5;
      setAttr(drawing, "width", width);
      setAttr(drawing, "height", height);
      setAttr(drawing, "viewBox", `0 0 ${width} ${height}`);
      setAttr(drawing, "aria-label", `${api.str("steps.draw_hint")} ${drawnWords(pipeline, api)}`);
      drawing.replaceChildren(
        ...ribbons(pipeline, row, height),
        ...stretchesOf(pipeline, theme, height, api),
        ...mark(pipeline, theme, height),
      );
    },
  };
}

// What is drawn, in one line: 0.412 ≤ u = 0.437 < 0.455
/** @type {(choice: Choice, api: Page) => string} */
export function inequality({ low, u, high }, api) {
  const digits = digitsFor(low, u, high);
  return api.str("steps.inequality", { low: fixed(low, digits), u: fixed(u, digits), high: fixed(high, digits) });
}

/** @type {(pipeline: PipelineView, api: Page) => string} */
function drawnWords({ choice }, api) {
  return choice ? `${inequality(choice, api)} → ${choice.label}` : "";
}

// As many digits as tell u from the edge above it, and the edges from each other; three at least.
/** @type {(low: number, u: number, high: number) => number} */
function digitsFor(low, u, high) {
  for (let digits = 3; digits < 9; digits += 1) {
    const [a, b, c] = [low, u, high].map((x) => fixed(x, digits));
    if (b !== c && a !== c) return digits;
  }
  return 9;
}

// From the middle of each row to its stretch; the others' row goes to all that has no row.
/** @type {(pipeline: PipelineView, row: number, height: number) => SVGElement[]} */
function ribbons({ rows, tail, bar, choice }, row, height) {
  /** @type {SVGElement[]} */
  const made = [];
  /** @param {number} at @param {number} low @param {number} high @param {string} name */
  const add = (at, low, high, name) => {
    const [top, bottom] = [row * (at + 0.5) - row * 0.3, row * (at + 0.5) + row * 0.3];
    const [from, to, half] = [low * height, Math.max(high * height, low * height + 0.5), RIBBON / 2];
    made.push(
      svg("path", {
        class: "ribbon " + name,
        d: `M0 ${top}C${half} ${top} ${half} ${from} ${RIBBON} ${from}V${to}C${half} ${to} ${half} ${bottom} 0 ${bottom}Z`,
      }),
    );
  };
  const rest = bar.find((stretch) => stretch.row === null);
  const from = rest ? rest.low : (bar.at(-1)?.high ?? 1);
  if (tail.count && (tail.kept.at(-1) ?? 0) > 0 && from < 1) add(rows.length, from, 1, "rest");
  const shown = bar.filter((stretch) => stretch.row !== null && !(choice && stretch.id === choice.id));
  for (const stretch of shown) add(stretch.row ?? 0, stretch.low, stretch.high, "kept");
  const drawn = rows.findIndex((one) => one.drawn);
  if (choice && drawn >= 0) add(drawn, choice.low, choice.high, "drawn");
  return made;
}

/** @type {(pipeline: PipelineView, theme: Theme, height: number, api: Page) => SVGElement[]} */
function stretchesOf({ bar, choice, pos }, theme, height, api) {
  /** @param {number} low @param {number} high @param {Record<string, unknown>} attrs @param {string | null} [title] */
  const box = (low, high, attrs, title) =>
    svg(
      "rect",
      { x: RIBBON, width: BAR_WIDTH, y: low * height, height: Math.max(0.5, (high - low) * height), ...attrs },
      title ? svg("title", { text: title }) : null,
    );
  /** @param {number} x */
  const digits = (x) => fixed(x, 3);
  const last = bar.at(-1)?.high ?? 0;
  /** @type {SVGElement[]} */
  const made = bar.map((stretch, i) => {
    const title = api.str("steps.stretch", {
      label: stretch.label,
      low: digits(stretch.low),
      high: digits(stretch.high),
    });
    return box(
      stretch.low,
      stretch.high,
      { class: "stretch", "data-at": i, fill: mixColour(theme.accent, theme.panel, Math.min(0.8, 0.06 + i * 0.07)) },
      title,
    );
  });
  if (last < 1)
    made.push(
      box(
        last,
        1,
        { class: "stretch-rest", fill: mixColour(theme.accent, theme.panel, 0.86) },
        `${api.str("steps.rest")} ${fmtPercent(1 - last)}`,
      ),
    );
  if (choice) made.push(box(choice.low, choice.high, { class: "stretch-drawn", "data-pos": pos }));
  made.push(
    svg("rect", { class: "bar-frame", x: RIBBON + 0.5, width: BAR_WIDTH - 1, y: 0.5, height: height - 1, rx: 3 }),
  );
  return made;
}

// u as a line across the bar, between the edges of its stretch as numbers, in the order in which they lie.
/** @type {(pipeline: PipelineView, theme: Theme, height: number) => SVGElement[]} */
function mark({ choice }, theme, height) {
  const [left, right] = [RIBBON + BAR_WIDTH, RIBBON + BAR_WIDTH + 6];
  const line = theme.big || 14 * theme.type;
  /** @param {number} y @param {string} text */
  const end = (y, text) => svg("text", { class: "edge", x: right, y, text });
  if (!choice) return [end(10, "0"), end(height - 2, "1")];
  const y = choice.u * height;
  const middle = Math.min(Math.max(y, line * 1.6), height - line * 1.3);
  const digits = digitsFor(choice.low, choice.u, choice.high);
  /** @param {string} class_ @param {number} dy @param {string} words */
  const text = (class_, dy, words) => svg("text", { class: class_, x: right + 6, y: middle + dy, text: words });
  const ends = [];
  if (middle - line * 2 > line) ends.push(end(10, "0"));
  if (middle + line * 2 < height - line * 0.5) ends.push(end(height - 2, "1"));
  return [
    ...ends,
    svg("path", { class: "u-line", d: `M${RIBBON - 5} ${y}H${left + 4}L${right + 3} ${middle}` }),
    text("edge", -line + 4, `${fixed(choice.low, digits)} ≤`),
    text("u", 4, `u = ${fixed(choice.u, digits)}`),
    text("edge", line + 4, `< ${fixed(choice.high, digits)}`),
  ];
}
