// The tree of branches: the prompt at the left, a token per node, one column per step, one lane per branch. A click stands there.

import { el, fmtNumber, fmtPercent, partsOf, setAttr, setStyle, setText, slots, svg, within } from "../../kit/dom.js";
import { createHead, createIntoPrompt, createVoice, spacer, whatFollows } from "../../kit/panel.js";

/** @import { Page, Panel, Places } from "./types.d.ts" */
/** @import { StepsHeader, TreeNode, TreeView } from "./message.d.ts" */
/** @import { Table } from "../../types.d.ts" */
/** @import { Theme } from "../../kit/theme.js" */
/** @import { Voice } from "../../kit/panel.js" */

const LANE = 32; // px, times the size of type
const GAP = 20; // between two columns, for the edges
const PADDING = 22; // of a node, both sides together
const LONGEST = 190; // a node is never wider

// host: the card. update(picture) draws in place; a pick of A or B goes to Python as an action.
/** @type {(host: HTMLElement, api: Page) => Panel} */
export function createTree(host, api) {
  /** @type {{ header: StepsHeader | null, at: number | null }} */
  const memory = { header: null, at: null };
  const keep = createIntoPrompt(api);
  const small = el("small", { text: api.str("steps.tree.small") });
  const head = createHead(api.str("steps.tree.title"), small, spacer(), keep);
  const edges = svg("svg", { class: "tree-edges", "aria-hidden": "true" });
  const nodes = el("div", { class: "tree-nodes" });
  const ends = el("div", { class: "tree-ends" });
  const field = el("div", { class: "tree-field" }, edges, nodes, ends);
  const scroll = el(
    "div",
    { class: "steps-tree-scroll edged", role: "group", "aria-label": api.str("steps.tree.title") },
    field,
  );
  const more = el("p", { class: "hint" });
  const voice = createVoice(api);
  const shown = () => memory.header?.tree;
  head.append(
    api.menu({
      title: api.str("steps.tree.title"),
      reading: () => shown()?.reading ?? "",
      python: () => shown()?.python ?? "",
      table: () => treeTable(shown(), api),
      picture: () => (shown() ? field : null),
    }),
  );
  host.append(head, scroll, more, voice.node);
  setAttr(host, "data-testid", "tree");
  field.addEventListener("click", (event) => treeClick(event, api));
  return {
    update: ({ header, theme }) => {
      memory.header = header;
      const { tree } = header;
      keep.hidden = !tree || tree.at === 0 || Boolean(header.chat?.on);
      scroll.hidden = !tree;
      setText(more, tree?.left_out ? api.str("steps.tree.more", { count: tree.left_out }) : "");
      more.hidden = !more.textContent;
      if (tree) drawTree({ field, edges, nodes, ends, scroll }, header, tree, theme, api);
      announceNode(voice, memory, tree);
    },
  };
}

/** @type {(event: Event, api: Page) => void} */
function treeClick(event, api) {
  const button = within(event, "button");
  if (!button || button.getAttribute("aria-disabled") === "true") return;
  const node = Number(button.dataset.node);
  if (button.dataset.pick) api.act({ kind: "pair", [button.dataset.pick]: node });
  else if (button.dataset.next) api.act({ kind: "step" });
  else api.act({ kind: "jump", node });
}

// Where everything stands: a column is as wide as its widest token.
/** @type {(tree: TreeView, theme: Theme, api: Page) => Places} */
function layOut(tree, theme, api) {
  const context = /** @type {CanvasRenderingContext2D} */ (document.createElement("canvas").getContext("2d"));
  const { type, big } = theme;
  context.font = `${big || 13 * type}px ${theme.font}`;
  const small = `${(big ? 12 : 10.5) * type}px ${theme.mono}`;
  const large = context.font;
  /** @param {TreeNode} node */
  const widthOf = (node) => {
    context.font = large;
    const label = context.measureText(node.depth ? node.label : api.str("steps.tree.prompt")).width;
    context.font = small;
    const p = node.p === null ? 0 : context.measureText(fmtPercent(node.p)).width + 5;
    return Math.min(LONGEST * type, label + p + PADDING);
  };
  const widths = Array.from({ length: tree.depth + 1 }, () => 0);
  for (const node of tree.nodes) widths[node.depth] = Math.max(widths[node.depth], widthOf(node));
  /** @type {number[]} */
  const lefts = [];
  for (const depth of widths.keys()) lefts.push(depth === 0 ? 2 : lefts[depth - 1] + widths[depth - 1] + GAP);
  const end = lefts[tree.depth] + widths[tree.depth];
  return {
    lefts,
    widths,
    end,
    own: new Map(tree.nodes.map((node) => [node.node, widthOf(node)])),
    lane: Math.max(LANE * type, 1.5 * big),
  };
}

/** @type {(parts: { field: HTMLElement, edges: SVGElement, nodes: HTMLElement, ends: HTMLElement, scroll: HTMLElement }, header: StepsHeader, tree: TreeView, theme: Theme, api: Page) => void} */
function drawTree({ field, edges, nodes, ends, scroll }, header, tree, theme, api) {
  const place = layOut(tree, theme, api);
  const leaves = tree.nodes.filter((node) => node.leaf);
  const here = tree.nodes.find((node) => node.node === tree.at);
  setStyle(field, "height", tree.lanes * place.lane + "px");
  setStyle(field, "width", place.end + (leaves.length > 1 ? 170 : 120) * theme.type + "px");
  drawEdges(edges, tree, place);
  const made = slots(nodes, tree.nodes.length, () =>
    el("button", { type: "button" }, el("span", { class: "l" }), el("span", { class: "p mono" })),
  );
  if (!here) return;
  tree.nodes.forEach((node, i) => writeTreeNode(made[i], node, here, place, api));
  const ended = slots(ends, leaves.length, () => treeEnd(api));
  leaves.forEach((node, i) => writeEnd(ended[i], node, here, leaves.length > 1, place, header, api));
  requestAnimationFrame(() => showNode(scroll, here, place));
}

// After the last token of a branch: the next step where one stands there, its log-probability, and whether it is A or B.
/** @type {(api: Page) => HTMLElement} */
function treeEnd(api) {
  /** @param {string} name */
  const pick = (name) =>
    el("button", {
      type: "button",
      class: "pick",
      "data-pick": name,
      "data-testid": "pick-" + name,
      "aria-label": api.str("steps.tree.pick_" + name),
      title: api.str("steps.tree.pick_" + name),
      text: name.toUpperCase(),
    });
  return el(
    "span",
    { class: "tree-end" },
    el("button", { type: "button", class: "node end", "data-next": "1" }),
    el("span", { class: "mono total" }),
    pick("a"),
    pick("b"),
  );
}

/** @type {(end: HTMLElement, node: TreeNode, here: TreeNode | undefined, many: boolean, place: Places, header: StepsHeader, api: Page) => void} */
function writeEnd(end, node, here, many, place, { path, pair }, api) {
  const [next, total, ...picks] = partsOf(end);
  setStyle(end, "left", place.lefts[node.depth] + ownWidth(place, node) + 8 + "px");
  setStyle(end, "top", node.lane * place.lane + "px");
  next.hidden = node !== here;
  const [word, hint] = whatFollows(path, api);
  setText(next, word);
  setAttr(next, "title", hint);
  setAttr(next, "aria-disabled", path.full ? "true" : null);
  total.hidden = !node.depth;
  setText(total, node.total === null ? api.str("steps.tree.reading_now") : fmtNumber(node.total, 1));
  setAttr(
    total,
    "title",
    node.total === null ? null : api.str("steps.tree.total", { logprob: fmtNumber(node.total, 2), tokens: node.depth }),
  );
  for (const button of picks) {
    button.hidden = !many;
    setAttr(button, "data-node", node.node);
    setAttr(button, "aria-pressed", String((button.dataset.pick === "a" ? pair?.node_a : pair?.node_b) === node.node));
  }
}

/** @type {(place: Places, node: TreeNode) => number} */
function ownWidth(place, node) {
  return place.own.get(node.node) ?? 0;
}

/** @type {(edges: SVGElement, tree: TreeView, place: Places) => void} */
function drawEdges(edges, tree, place) {
  const byNode = new Map(tree.nodes.map((node) => [node.node, node]));
  /** @param {TreeNode} node */
  const middle = (node) => (node.lane + 0.5) * place.lane;
  edges.replaceChildren(
    ...tree.nodes
      .filter((node) => node.depth)
      .map((node) => {
        const parent = /** @type {TreeNode} */ (byNode.get(node.parent));
        const [x, to] = [place.lefts[parent.depth] + ownWidth(place, parent), place.lefts[node.depth]];
        const [y, down] = [middle(parent), middle(node)];
        const turn = to - GAP;
        const d =
          y === down
            ? `M${x} ${y}H${to}`
            : `M${x} ${y}H${turn}C${turn + GAP * 0.7} ${y} ${turn + GAP * 0.3} ${down} ${to} ${down}`;
        return svg("path", { d, class: node.on_line ? "on" : null });
      }),
  );
}

/** @type {(button: HTMLElement, node: TreeNode, at: TreeNode, place: Places, api: Page) => void} */
function writeTreeNode(button, node, at, place, api) {
  const here = node === at;
  const ahead = node.on_line && node.depth > at.depth;
  const classes = [
    "node",
    here && "on",
    !node.on_line && "aside",
    ahead && "ahead",
    node.how === "chosen" && "chosen",
    !node.depth && "start",
  ];
  setAttr(button, "class", classes.filter(Boolean).join(" "));
  setAttr(button, "data-node", node.node);
  setAttr(button, "data-testid", "tree-node");
  setAttr(button, "aria-current", here ? "step" : null);
  setStyle(button, "left", place.lefts[node.depth] + "px");
  setStyle(button, "top", node.lane * place.lane + "px");
  setStyle(button, "max-width", ownWidth(place, node) + 4 + "px");
  setText(button.children[0], node.depth ? node.label : api.str("steps.tree.prompt"));
  setText(button.children[1], node.p === null ? "" : fmtPercent(node.p));
  if (!node.depth) return setAttr(button, "title", api.str("path.prompt_hint"));
  const values = { label: node.label, how: api.str("path.how." + node.how), p: fmtPercent(node.p, 2) };
  setAttr(button, "title", api.str(node.p === null ? "steps.tree.node_unknown" : "steps.tree.node", values));
}

// Scrolls the tree itself, never the page.
/** @type {(scroll: HTMLElement, node: TreeNode, place: Places) => void} */
function showNode(scroll, node, place) {
  const left = place.lefts[node.depth];
  const right = left + ownWidth(place, node) + 160;
  const [top, bottom] = [node.lane * place.lane, (node.lane + 1) * place.lane];
  if (left - 30 < scroll.scrollLeft) scroll.scrollLeft = Math.max(0, left - 30);
  else if (right > scroll.scrollLeft + scroll.clientWidth) scroll.scrollLeft = right - scroll.clientWidth;
  if (top < scroll.scrollTop) scroll.scrollTop = top;
  else if (bottom > scroll.scrollTop + scroll.clientHeight) scroll.scrollTop = bottom - scroll.clientHeight;
}

/** @type {(voice: Voice, memory: { at: number | null }, tree: TreeView | null) => void} */
function announceNode(voice, memory, tree) {
  const node = tree?.nodes.find((one) => one.node === tree.at);
  const stepped = node && memory.at !== null && node.depth && node.node !== memory.at;
  voice.say(stepped ? node.label : null);
  memory.at = node ? node.node : null;
}

// A line per branch: its tokens, how many, and their log-probability.
/** @type {(tree: TreeView | null | undefined, api: Page) => Table} */
function treeTable(tree, api) {
  const columns = ["branch", "text", "length", "logprob"].map((key) => api.str("steps.column." + key));
  if (!tree) return { columns, rows: [] };
  const byNode = new Map(tree.nodes.map((node) => [node.node, node]));
  /** @type {(node: TreeNode) => string} */
  const textOf = (node) => {
    const parent = byNode.get(node.parent);
    return parent ? textOf(parent) + node.label : "";
  };
  const rows = tree.nodes
    .filter((node) => node.leaf && node.depth)
    .map((node, i) => [i + 1, textOf(node), node.depth, node.total]);
  return { columns, rows };
}
