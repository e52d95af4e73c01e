// The tree: every continuation that was looked at, step by step. Indigo by probability where it lived on, hatched where it was
// pruned; a bar at its right where a text ended; the line of the leader, and in the end of the winner, in magenta.

import { setAttr, setClass, el, slots, svg, within } from "../../kit/dom.js";
import { boxAt, boxOf, edgeOf, groupLabel } from "./boxes.js";
import { layTree } from "./geometry.js";
import { shownSteps } from "./stepper.js";

/** @import { BeamControls, Node, TreeView } from "./message.d.ts" */
/** @import { Laid, Page, Shown, Tree } from "./types.d.ts" */

const LIVED = ["kept", "stopped", "finished", "outscored"];

// What became of a node as far as the steps shown can tell: a text may be outscored only later.
/** @type {(node: Node, at: number) => string} */
export function fateAt(node, at) {
  return node.until !== null && node.until >= at ? "finished" : node.fate;
}

// The node that is looked at: the one chosen, where it is shown, else the winner or who leads.
/** @type {(tree: TreeView, view: BeamControls) => Node | null} */
export function chosenNode(tree, view) {
  const at = shownSteps(tree, view);
  const chosen = tree.nodes[view.node];
  if (chosen && chosen.step < at) return chosen;
  if (at === 0) return null;
  return tree.nodes[tree.done && at === tree.steps && tree.finals.length ? tree.finals[0].node : tree.leaders[at - 1]];
}

// The node and those it came from, as a set of ids.
/** @type {(tree: TreeView, node: Node | null) => Set<number>} */
export function lineOf(tree, node) {
  const ids = new Set();
  for (let at = node; at; at = at.parent === null ? null : tree.nodes[at.parent]) ids.add(at.id);
  return ids;
}

// Gives { node, svg(), update(picture) }.
/** @type {(api: Page) => { node: HTMLElement, svg: () => SVGSVGElement, update: (picture: Shown) => void }} */
export function createTree(api) {
  const heads = el("div", { class: "tree-steps" });
  const drawing = svg("svg", { class: "tree", role: "group", "data-testid": "tree" });
  const inner = el("div", { class: "tree-in" }, heads, drawing);
  const scroll = el("div", { class: "beam-tree-scroll edged", tabindex: "-1" }, inner);
  /** @type {Tree} */
  const tree = {
    api,
    heads,
    drawing,
    inner,
    scroll,
    band: svg("rect", {}),
    drawn: "",
    laid: null,
    nodes: new Map(),
    edges: new Map(),
    seen: -1,
    whole: false,
    picture: null,
  };
  drawing.addEventListener("keydown", (event) => treeKey(tree, event));
  api.onResize(scroll, () => tree.picture && updateTree(tree, tree.picture));
  return { node: scroll, svg: () => drawing, update: (picture) => updateTree(tree, picture) };
}

/** @type {(tree: Tree, picture: Shown) => void} */
function updateTree(tree, picture) {
  tree.picture = picture;
  const { header, theme } = picture;
  const view = tree.api.view();
  const room = tree.scroll.clientWidth;
  const key = [
    header.lang,
    theme.dark,
    theme.type,
    theme.big,
    room,
    view.pruned,
    header.limit,
    JSON.stringify(header.tree.nodes),
  ].join("|");
  if (key !== tree.drawn) {
    tree.drawn = key;
    const { type, big } = theme;
    const options = { pruned: view.pruned, type, big: big > 0, room, limit: header.limit };
    drawTree(tree, picture, layTree(header.tree, options));
  }
  markTree(tree, header.tree, view);
}

/** @type {(tree: Tree, picture: Shown, laid: Laid) => void} */
function drawTree(tree, { header, theme }, laid) {
  const { api, drawing } = tree;
  tree.laid = laid;
  for (const node of [drawing, tree.inner]) node.style.width = laid.width + "px";
  tree.inner.style.setProperty("--wide", String(laid.width)); // paper is as wide as it is, see media.css
  setAttr(drawing, "width", laid.width);
  setAttr(drawing, "height", laid.height);
  setAttr(drawing, "aria-label", header.tree.reading);
  const hatch = svg(
    "pattern",
    { id: "beam-hatch", width: 6, height: 6, patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)" },
    svg("line", { x1: 0, y1: 0, x2: 0, y2: 6, stroke: theme.cut, "stroke-width": 2, "stroke-opacity": 0.55 }),
  );
  const band = svg("rect", { class: "band", y: 0, height: laid.height, rx: 6 });
  tree.band = band;
  tree.edges = new Map();
  tree.nodes = new Map();
  const shown = header.tree.nodes.filter((node) => laid.boxes.has(node.id));
  for (const node of shown) tree.edges.set(node.id, edgeOf(node, laid));
  for (const node of shown) tree.nodes.set(node.id, boxOf(api, node, boxAt(laid, node.id), theme, header.tree));
  const groups = header.tree.n_groups > 1 ? laid.groups.map((group, i) => groupLabel(api, group, i, laid, theme)) : [];
  const root = laid.root;
  const prompt = svg(
    "g",
    { class: "root" },
    svg("rect", { x: root.x + 0.5, y: root.y + 0.5, width: root.w, height: root.h, rx: 6 }),
    svg("text", {
      x: root.x + root.w / 2,
      y: root.y + root.h / 2 + 4 * theme.type,
      text: api.str("path.prompt"),
      "text-anchor": "middle",
    }),
  );
  drawing.replaceChildren(
    svg("defs", {}, hatch),
    band,
    ...groups,
    ...tree.edges.values(),
    prompt,
    ...tree.nodes.values(),
  );
}

// Which columns are shown, who leads, what is chosen: only classes change.
/** @type {(tree: Tree, data: TreeView, view: BeamControls) => void} */
function markTree(tree, data, view) {
  const at = shownSteps(data, view);
  const whole = data.done && at === data.steps;
  const chosen = chosenNode(data, view);
  const leads = lineOf(
    data,
    at ? data.nodes[whole && data.finals.length ? data.finals[0].node : data.leaders[at - 1]] : null,
  );
  const line = lineOf(data, chosen);
  setClass(tree.drawing, "whole", whole);
  for (const [id, group] of tree.nodes) {
    const node = data.nodes[id];
    const fate = fateAt(node, at);
    setClass(group, "ahead", node.step >= at);
    setClass(group, "past", node.step < at - 1);
    setClass(group, "lead", leads.has(id));
    setClass(
      group,
      "gone",
      fate === "outscored" || fate === "stopped" || (fate === "kept" && node.step < at - 1 && node.heirs === 0),
    );
    setClass(group, "chosen", chosen !== null && chosen.id === id);
    setAttr(group, "aria-pressed", String(chosen !== null && chosen.id === id));
    setAttr(group, "tabindex", chosen !== null && chosen.id === id ? "0" : "-1");
    const edge = tree.edges.get(id);
    if (!edge) continue;
    setClass(edge, "ahead", node.step >= at);
    setClass(edge, "lead", leads.has(id));
    setClass(edge, "on", line.has(id));
    setClass(edge, "alive", LIVED.includes(fate));
  }
  markSteps(tree, data, at, whole && view.step === 0);
}

/** @type {(tree: Tree, data: TreeView, at: number, whole: boolean) => void} */
function markSteps(tree, data, at, whole) {
  const { api, laid } = tree;
  if (!laid) return;
  const made = slots(tree.heads, laid.columns.length, (i) =>
    el("button", {
      type: "button",
      "data-testid": "column",
      text: String(i + 1),
      onclick: () => api.setView({ step: i + 1, node: -1 }),
    }),
  );
  laid.columns.forEach(({ x, w }, i) => {
    made[i].style.left = x + "px";
    made[i].style.width = w + "px";
    setAttr(made[i], "aria-label", api.str("beam.at", { step: i + 1, steps: data.steps }));
    setAttr(made[i], "aria-current", !whole && i === at - 1 ? "step" : null);
    setClass(made[i], "ahead", i >= at);
  });
  const here = laid.columns[at - 1];
  setAttr(tree.band, "visibility", here && !whole ? "visible" : "hidden");
  if (!here) return;
  setAttr(tree.band, "x", here.x - 5);
  setAttr(tree.band, "width", here.w + 12);
  if (at === tree.seen && whole === tree.whole) return;
  tree.seen = at;
  tree.whole = whole;
  if (whole) {
    tree.scroll.scrollLeft = 0; // a search that has just ended is read from its beginning
    return;
  }
  const right = here.x + here.w + 14;
  const { scrollLeft, clientWidth } = tree.scroll;
  if (right > scrollLeft + clientWidth) tree.scroll.scrollLeft = right - clientWidth;
  else if (here.x - 110 < scrollLeft) tree.scroll.scrollLeft = Math.max(0, here.x - 110);
}

// Within the tree the arrows go to what lies there: up and down in the column, left to where it came from, right to what became of it.
/** @type {(tree: Tree, event: KeyboardEvent) => void} */
function treeKey(tree, event) {
  const group = within(event, ".node");
  if (!group || !tree.picture || event.ctrlKey || event.metaKey || event.altKey) return;
  const data = tree.picture.header.tree;
  const node = data.nodes[Number(group.dataset.id)];
  const at = shownSteps(data, tree.api.view());
  const seen = data.nodes.filter((other) => tree.nodes.has(other.id) && other.step < at);
  const column = seen.filter((other) => other.step === node.step);
  const place = column.indexOf(node);
  const next = {
    ArrowUp: () => column[place - 1],
    ArrowDown: () => column[place + 1],
    ArrowLeft: () => (node.parent === null ? null : data.nodes[node.parent]),
    ArrowRight: () => seen.find((other) => other.parent === node.id),
    Enter: () => node,
    " ": () => node,
  }[event.key];
  if (!next) return;
  event.preventDefault();
  const found = next();
  if (!found) return;
  tree.api.setView({ node: found.id });
  tree.nodes.get(found.id)?.focus({ preventScroll: false });
}
