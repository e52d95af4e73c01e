// One head's attention at the same step of both branches: what the last token read looks at, A above the tokens, B below.

import { createPicker } from "../../kit/buttons.js";
import { el, fmtNumber, setAttr, setText, svg } from "../../kit/dom.js";
import { spacer } from "../../kit/panel.js";

/** @import { Branch, PairView, Shape } from "./message.d.ts" */
/** @import { GlancePlace, Page } from "./types.d.ts" */
/** @import { Theme } from "../../kit/theme.js" */
/** @import { Told } from "./types.d.ts" */

const [NARROWEST, WIDEST] = [38, 64]; // px, times the size of type: a column
const GLANCE_HEIGHT = 64; // of the bars of one branch
const LABEL_LINE = 17; // of a line of labels
const LETTER = 6.4; // px, times the size of type: of a label as many letters are shown as fit

// update(pair, shape, theme) draws; layer and head are the first screen's.
/** @type {(host: HTMLElement, api: Page) => { update: (pair: PairView & Told, shape: Shape, theme: Theme) => void }} */
export function createGlances(host, api) {
  const title = el("h3", {});
  const layer = createPicker("layer", api);
  const head = createPicker("head", api);
  const scale = el("small", { class: "mono" });
  const drawing = svg("svg", { class: "glances", role: "img", "data-testid": "glances" });
  const scroll = el(
    "div",
    { class: "glances-scroll", tabindex: "0", role: "group", "aria-label": api.str("steps.pair.attention_small") },
    drawing,
  );
  const small = el("small", {});
  host.append(el("div", { class: "head" }, title, layer.node, head.node, spacer(), scale), scroll, small);
  return {
    update: (pair, shape, theme) => {
      setText(title, api.str("steps.pair.attention", { step: pair.step + 1 }));
      layer.show(shape.n_layer);
      head.show(shape.n_head);
      setText(small, api.str(pair.step <= pair.shared ? "steps.pair.attention_same" : "steps.pair.attention_small"));
      drawGlances(drawing, scroll, pair, theme, api);
      setText(scale, api.str("steps.pair.scale", { most: fmtNumber(mostWeight(pair), 2) }));
    },
  };
}

/** @type {(pair: PairView) => number} */
function mostWeight({ a, b }) {
  return Math.max(...a.weights, ...b.weights);
}

/** @type {(drawing: SVGSVGElement, scroll: HTMLElement, pair: PairView & Told, theme: Theme, api: Page) => void} */
function drawGlances(drawing, scroll, pair, theme, api) {
  const { a, b } = pair;
  const most = mostWeight(pair);
  const words = LABEL_LINE * theme.type;
  const column = Math.max(NARROWEST * theme.type, Math.min(WIDEST * theme.type, scroll.clientWidth / a.weights.length));
  const width = a.weights.length * column;
  const height = 2 * GLANCE_HEIGHT + 2 * words + 6;
  for (const [name, value] of Object.entries({
    width,
    height,
    viewBox: `0 0 ${width} ${height}`,
    "aria-label": pair.reading,
  }))
    setAttr(drawing, name, value);
  const parts = [];
  for (let i = 0; i < a.weights.length; i += 1) {
    const same = i < pair.n_prompt + pair.shared;
    parts.push(...glance("A", a, i, { x: i * column, column, most, top: 0, words, same, up: true }, theme, api));
    parts.push(
      ...glance(
        "B",
        b,
        i,
        { x: i * column, column, most, top: GLANCE_HEIGHT + 2 * words + 6, words, same, up: false },
        theme,
        api,
      ),
    );
  }
  drawing.replaceChildren(...parts);
  requestAnimationFrame(() => (scroll.scrollLeft = scroll.scrollWidth));
}

// One bar with its token; where both branches have read the same token, it is written once, between them.
/** @type {(name: string, branch: Branch, i: number, place: GlancePlace, theme: Theme, api: Page) => SVGElement[]} */
function glance(name, branch, i, { x, column, most, top, words, same, up }, theme, api) {
  const size = (branch.weights[i] / most) * (GLANCE_HEIGHT - 3);
  const [middle, base] = [x + column / 2, up ? GLANCE_HEIGHT : top];
  const title = api.str("steps.pair.weight", {
    name,
    query: branch.labels.at(-1),
    label: branch.labels[i],
    weight: fmtNumber(branch.weights[i], 3),
  });
  const bar = svg(
    "g",
    { class: "glance " + name.toLowerCase() },
    svg("rect", { class: "hit", x, y: up ? 0 : base, width: column, height: GLANCE_HEIGHT }),
    svg("rect", {
      class: "fill",
      x: middle - column * 0.3,
      y: up ? base - size : base,
      width: column * 0.6,
      height: Math.max(0.5, size),
      rx: 1.5,
    }),
    svg("title", { text: title }),
  );
  const shown = shortLabel(branch.labels[i], Math.floor(column / (LETTER * theme.type)));
  const y = GLANCE_HEIGHT + 3 + words * (same ? 1.25 : up ? 0.75 : 1.75);
  if (same && !up) return [bar];
  return [
    bar,
    svg(
      "text",
      { class: same ? "" : "own " + name.toLowerCase(), x: middle, y, text: shown },
      svg("title", { text: `${fmtNumber(i)} · ${branch.labels[i]}` }),
    ),
  ];
}

/** @type {(label: string, most: number) => string} */
function shortLabel(label, most) {
  const letters = Array.from(label);
  return letters.length > most ? letters.slice(0, most - 1).join("") + "…" : label;
}
