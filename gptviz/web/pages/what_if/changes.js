// The changes as one short text, as gptviz/ui/pages/what_if/changes.py reads it: parts with points, divided by semicolons.

import { clamp } from "../../kit/dom.js";

/** @import { Page, Shown } from "./types.d.ts" */

/** @type {(api: Page) => string[]} */
export function changesOf(api) {
  return api.view().edits.split(";").filter(Boolean);
}

/** @type {(api: Page, changes: string[]) => void} */
export function setChanges(api, changes) {
  api.setView({ edits: [...new Set(changes)].join(";") });
}

// Puts a change in force, or takes it back where it is.
/** @type {(api: Page, change: string) => void} */
export function toggle(api, change) {
  const now = changesOf(api);
  setChanges(api, now.includes(change) ? now.filter((one) => one !== change) : [...now, change]);
}

// The position looked at: the last one while none is held.
/** @type {(api: Page, picture: Shown) => number} */
export function queryOf(api, picture) {
  const last = Math.max(0, picture.header.ids.length - 1);
  return clamp(api.view().pos ?? last, 0, last);
}

/** @type {(api: Page, picture: Shown | null, pos: number) => void} */
export function lookFrom(api, picture, pos) {
  const last = (picture?.header.ids.length ?? 0) - 1;
  api.setView({ pos: pos >= last ? null : pos });
}

const FIELDS = {
  head: ["layer", "head", "mode"],
  mlp: ["layer", "mode"],
  layer: ["layer", "mode"],
  uniform: ["layer", "head"],
  strike: ["layer", "head", "query_pos", "key_pos"],
  shift: ["by"],
  shuffle: ["seed"],
};

// A change in words.
/** @type {(api: Page, change: string) => string} */
export function wordsOf(api, change) {
  const [kind, ...said] = change.split(".");
  const fields = /** @type {Record<string, string[]>} */ (FIELDS)[kind] ?? [];
  const values = Object.fromEntries(fields.map((name, i) => [name, said[i]]));
  if (values.mode) values.mode = api.str("what_if.mode." + values.mode);
  return api.str("what_if.item." + (kind === "layer" ? "layer_off" : kind), values);
}
