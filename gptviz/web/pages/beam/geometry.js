/** @import { Laid } from "./types.d.ts" */
/** @import { Node, TreeView } from "./message.d.ts" */
// Where everything in the tree stands: a column per step, a block per group, one box below the other in order of rank.
// Those that live on are two lines high (token and probability, total below); those pruned at once one line.

const PRUNED_AT_ONCE = ["crowded_out", "ended_too_low"];
const BOX = { tall: 35, low: 19, gap: 4, top: 4, root: 62, least: 98, most: 150, between: 16, group: 20 };
const END = 4; // the bar beside a text that ended, right of the last column
// For the back row a token has its line for itself, so that columns may be narrower.
const BIG_BOX = { ...BOX, tall: 38, gap: 3, root: 54, least: 78, between: 13 };

/** @type {(node: Node) => boolean} */
export function prunedAtOnce(node) {
  return PRUNED_AT_ONCE.includes(node.fate);
}

// tree: of the header; options: { pruned, type (scale of type), big (for the back row), room (px), limit (columns there will be) }
// Gives { width, height, boxes: Map(id → {x, y, w, h}), root, columns: [{x, w}], groups: [{y, h}] }.
/** @type {(tree: TreeView, options: { pruned: boolean, type: number, big: boolean, room: number, limit: number }) => Laid} */
export function layTree(tree, { pruned, type, big, room, limit }) {
  const box = big ? BIG_BOX : BOX;
  /** @param {number} size */
  const s = (size) => Math.round(size * type);
  const steps = Math.max(tree.steps, limit);
  const pitch = Math.min(
    s(box.most),
    Math.max(s(box.least), Math.floor((room - s(box.root) - s(END)) / Math.max(1, steps))),
  );
  const w = pitch - s(box.between);
  const shown = tree.nodes.filter((node) => pruned || !prunedAtOnce(node));
  /** @param {Node} node */
  const height = (node) => s(prunedAtOnce(node) ? box.low : box.tall);
  const stacks = new Map(); // "step group" → height so far
  const boxes = new Map();
  for (const node of shown) {
    const key = node.step + " " + node.group;
    const y = stacks.get(key) || 0;
    boxes.set(node.id, { x: s(box.root) + s(box.between) + node.step * pitch, y, w, h: height(node) });
    stacks.set(key, y + height(node) + s(box.gap));
  }
  const groups = placeGroups(tree, stacks, s);
  for (const node of shown) {
    const placed = boxes.get(node.id);
    if (placed) placed.y += groups[node.group].y;
  }
  const bottom = groups.reduce((most, group) => Math.max(most, group.y + group.h), s(box.tall));
  const columns = Array.from({ length: tree.steps }, (_, step) => ({
    x: s(box.root) + s(box.between) + step * pitch,
    w,
  }));
  return {
    width: s(box.root) + Math.max(1, steps) * pitch + s(END),
    height: bottom + s(box.top),
    boxes,
    columns,
    groups,
    root: {
      x: 1,
      y: groups.length > 1 ? Math.round(bottom / 2) - s(box.low) : s(box.top),
      w: s(box.root),
      h: s(box.low) + s(8),
    },
  };
}

/** @type {(tree: TreeView, stacks: Map<string, number>, s: (size: number) => number) => Laid["groups"]} */
function placeGroups(tree, stacks, s) {
  const groups = [];
  let y = s(BOX.top);
  for (let group = 0; group < tree.n_groups; group += 1) {
    if (tree.n_groups > 1) y += s(BOX.group);
    let h = 0;
    for (let step = 0; step < tree.steps; step += 1) h = Math.max(h, stacks.get(step + " " + group) || 0);
    groups.push({ y, h });
    y += h;
  }
  return groups;
}
