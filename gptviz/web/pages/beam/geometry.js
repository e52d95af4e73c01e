/** @import { Laid } from "./types.d.ts" */
/** @import { Node, TreeView } from "./message.d.ts" */
// Where everything in the tree stands: a column per step, a block per group, one box below the other in order of rank.
// Those that live on are two lines high (token and probability, total below); those pruned at once one line.

const PRUNED_AT_ONCE = ["crowded_out", "ended_too_low"];
const BOX = { tall: 35, low: 19, gap: 4, top: 4, root: 62, least: 98, most: 150, between: 16, group: 20 };

/** @type {(node: Node) => boolean} */
export function prunedAtOnce(node) {
  return PRUNED_AT_ONCE.includes(node.fate);
}

// tree: of the header; options: { pruned, type (scale of type), room (px), limit (columns there will be) }
// Gives { width, height, boxes: Map(id → {x, y, w, h}), root, columns: [{x, w}], groups: [{y, h}] }.
/** @type {(tree: TreeView, options: { pruned: boolean, type: number, room: number, limit: number }) => Laid} */
export function layTree(tree, { pruned, type, room, limit }) {
  /** @param {number} size */
  const s = (size) => Math.round(size * type);
  const steps = Math.max(tree.steps, limit);
  const pitch = Math.min(
    s(BOX.most),
    Math.max(s(BOX.least), Math.floor((room - s(BOX.root) - 2) / Math.max(1, steps))),
  );
  const w = pitch - s(BOX.between);
  const shown = tree.nodes.filter((node) => pruned || !prunedAtOnce(node));
  /** @param {Node} node */
  const height = (node) => s(prunedAtOnce(node) ? BOX.low : BOX.tall);
  const stacks = new Map(); // "step group" → height so far
  const boxes = new Map();
  for (const node of shown) {
    const key = node.step + " " + node.group;
    const y = stacks.get(key) || 0;
    boxes.set(node.id, { x: s(BOX.root) + s(BOX.between) + node.step * pitch, y, w, h: height(node) });
    stacks.set(key, y + height(node) + s(BOX.gap));
  }
  const groups = placeGroups(tree, stacks, s);
  for (const node of shown) {
    const box = boxes.get(node.id);
    if (box) box.y += groups[node.group].y;
  }
  const bottom = groups.reduce((most, group) => Math.max(most, group.y + group.h), s(BOX.tall));
  const columns = Array.from({ length: tree.steps }, (_, step) => ({
    x: s(BOX.root) + s(BOX.between) + step * pitch,
    w,
  }));
  return {
    width: s(BOX.root) + s(BOX.between) + Math.max(1, steps) * pitch,
    height: bottom + s(BOX.top),
    boxes,
    columns,
    groups,
    root: {
      x: 1,
      y: groups.length > 1 ? Math.round(bottom / 2) - s(BOX.low) : s(BOX.top),
      w: s(BOX.root),
      h: s(BOX.low) + s(8),
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
