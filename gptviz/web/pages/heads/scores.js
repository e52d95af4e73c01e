// The scores of one head out of the header, and its labels: those that reach their threshold.

/** @import { HeadsHeader } from "./message.d.ts" */

// The scores of a head in the order of the header's names; none while they are measured.
/** @type {(header: HeadsHeader, layer: number, head: number) => (number | null)[]} */
export function scoresOf(header, layer, head) {
  const [many, at] = [header.names.length, layer * header.n_head + head];
  return header.heads.slice(at * many, (at + 1) * many);
}

/** @type {(header: HeadsHeader, scores: (number | null)[]) => string[]} */
export function labelsOf({ names, thresholds }, scores) {
  return names.filter((_, i) => (scores[i] ?? 0) >= thresholds[i]);
}

// The head that this browser looks at, within what the model has.
/** @type {(header: HeadsHeader, view: { layer: number, head: number }) => { layer: number, head: number }} */
export function chosenOf({ n_layer, n_head }, { layer, head }) {
  return { layer: Math.min(layer, Math.max(0, n_layer - 1)), head: Math.min(head, Math.max(0, n_head - 1)) };
}
