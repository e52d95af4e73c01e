// What the tree is drawn of: a box for each continuation, the line to the one that it came from, a name for each group.

import { fmtNumber, fmtPercent, svg } from "../../kit/dom.js";
import { indigo, inkOn } from "../../kit/theme.js";
import { prunedAtOnce } from "./geometry.js";

/** @import { Box, Laid, Page } from "./types.d.ts" */
/** @import { Node, TreeView } from "./message.d.ts" */
/** @import { Theme } from "../../kit/theme.js" */

// Where a node stands; whatever is drawn has a place.
/** @type {(laid: Laid, id: number) => Box} */
export function boxAt(laid, id) {
  return laid.boxes.get(id) ?? laid.root;
}

/** @type {(api: Page, group: { y: number }, i: number, laid: Laid, theme: Theme) => SVGElement} */
export function groupLabel(api, { y }, i, laid, theme) {
  const line = svg("line", { x1: 0, x2: laid.width, y1: y - 17 * theme.type, y2: y - 17 * theme.type, class: "rule" });
  return svg(
    "g",
    { class: "group" },
    i ? line : null,
    svg("text", { x: 2, y: y - 5 * theme.type, text: api.str("beam.group", { group: i + 1 }) }),
  );
}

/** @type {(node: Node, laid: Laid) => SVGElement} */
export function edgeOf(node, laid) {
  const to = boxAt(laid, node.id);
  const from = node.parent === null ? laid.root : boxAt(laid, node.parent);
  const [x1, y1, x2, y2] = [from.x + from.w, from.y + from.h / 2, to.x, to.y + to.h / 2];
  const middle = (x1 + x2) / 2;
  return svg("path", { class: "edge", d: `M${x1} ${y1}C${middle} ${y1} ${middle} ${y2} ${x2} ${y2}` });
}

/** @type {(api: Page, node: Node, box: Box, theme: Theme, tree: TreeView) => SVGElement} */
export function boxOf(api, node, { x, y, w, h }, theme, tree) {
  const low = prunedAtOnce(node);
  const [fill, ink] = low ? ["url(#beam-hatch)", theme.mute] : [indigo(theme, node.p), inkOn(theme, node.p, 1)];
  const label = node.ends ? api.str("beam.end_token") : node.label;
  const total = fmtNumber(node.total, 2);
  const ended = ["finished", "outscored"].includes(node.fate);
  const spoken = api.str("beam.node", {
    token: label,
    step: node.step + 1,
    p: fmtPercent(node.p),
    total,
    fate: api.str("beam.short." + node.fate),
  });
  return svg(
    "g",
    {
      class: "node" + (low ? " low" : ""),
      role: "button",
      tabindex: "-1",
      "aria-label": spoken,
      "data-id": node.id,
      "data-testid": "node",
      "data-step": node.step,
      "data-group": tree.n_groups > 1 ? node.group : null,
      onclick: () => api.setView({ node: node.id }),
    },
    svg("title", { text: spoken }),
    svg("rect", { class: "back", x, y, width: w, height: h, rx: 5 }),
    svg("rect", { class: "face", x: x + 0.5, y: y + 0.5, width: w - 1, height: h - 1, rx: 5, fill }),
    ...wordsOf({ label, total, p: fmtPercent(node.p, 0), low, ink }, { x, y, w, h }, theme),
    ended ? svg("rect", { class: "end", x: x + w + 1, y: y + 3, width: 3 * theme.type, height: h - 6, rx: 1.5 }) : null,
  );
}

const DIGIT = 0.6; // em: the width of a figure in the code font

// What is written into a box: token and probability, the total below; of one pruned at once token and total; for the back row the
// token, and total and probability below.
/** @type {(said: { label: string, total: string, p: string, low: boolean, ink: string }, box: Box, theme: Theme) => SVGElement[]} */
function wordsOf({ label, total, p, low, ink }, { x, y, w, h }, theme) {
  const { type, big } = theme;
  const [left, right] = [x + (big ? 4 : 6) * type, x + w - (big ? 4 : 6) * type];
  const small = big ? 0.75 * big : 10.5 * type;
  const usual = big || 12.5 * type;
  const size = low ? (big ? small : 11 * type) : usual;
  const lines = big ? [y + 0.44 * h, y + 0.85 * h] : [y + 15 * type, y + 29 * type];
  const [first, second] = low ? [y + 13.5 * type, 0] : lines;
  const alone = big > 0 && !low; // the token on its line
  /** @param {string} text @param {number} at @param {boolean} [end] */
  const figure = (text, at, end) =>
    svg("text", {
      class: "figure",
      x: end ? right : left,
      y: at,
      fill: ink,
      "text-anchor": end ? "end" : null,
      "font-size": small,
      text,
    });
  const aside = low ? total : p;
  const room = right - left - (alone ? 0 : aside.length * DIGIT * small + 5);
  return [
    svg("text", { class: "token", x: left, y: first, fill: ink, "font-size": size, text: cutShort(label, room, size) }),
    figure(aside, alone ? second : first, true),
    ...(low ? [] : [figure(total, second)]),
  ];
}

/** @type {{ context: CanvasRenderingContext2D | null }} */
const MEASURE = { context: null };

/** @type {(text: string, size: number) => number} */
function textWidth(text, size) {
  MEASURE.context ??= document.createElement("canvas").getContext("2d");
  if (!MEASURE.context) return 0;
  MEASURE.context.font = size + "px sans-serif";
  return MEASURE.context.measureText(text).width;
}

/** @type {(text: string, room: number, size: number) => string} */
function cutShort(text, room, size) {
  if (textWidth(text, size) <= room) return text;
  let kept = [...text];
  while (kept.length > 1 && textWidth(kept.join("") + "…", size) > room) kept = kept.slice(0, -1);
  return kept.join("") + "…";
}
