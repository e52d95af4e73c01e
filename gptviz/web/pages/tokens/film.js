// The film itself, as numbers: which parts there are after so many merges, and what the next one joins.

import { clamp, numbersOf } from "../../kit/dom.js";

/** @import { Film, Join, Page, Part, Shown } from "./types.d.ts" */

// The film of a picture, or null where there is none.
/** @type {(picture: Shown) => Film | null} */
export function filmOf(picture) {
  const { film: said } = picture.header;
  if (!said) return null;
  const [first, joins] = [numbersOf(picture, "first"), numbersOf(picture, "joins")];
  return {
    said,
    first: said.first_labels.map((label, i) => ({ start: first[2 * i], stop: first[2 * i + 1], label })),
    joins: said.join_labels.map((_, i) => {
      const [start, middle, stop, rank, id] = joins.subarray(5 * i, 5 * i + 5);
      return { start, middle, stop, rank, id };
    }),
  };
}

// After how many merges the film stands: the end is written as −1, so that typing goes on with it.
/** @type {(film: Film, step: number) => number} */
export function stepOf(film, step) {
  return step < 0 ? film.joins.length : Math.min(step, film.joins.length);
}

// The parts after `step` merges, from the first byte to the last.
/** @type {(film: Film, step: number) => Part[]} */
export function partsAfter(film, step) {
  const parts = new Map(film.first.map((part) => [part.start, part]));
  film.joins.slice(0, step).forEach(({ start, middle, stop }, i) => {
    parts.set(start, { start, stop, label: film.said.join_labels[i] });
    parts.delete(middle);
  });
  return [...parts.values()];
}

// The two parts that a merge joins, as they stand before it.
/** @type {(film: Film, at: number) => { join: Join, left: string, right: string, made: string } | null} */
export function mergeAt(film, at) {
  const join = film.joins[at];
  if (!join) return null;
  const before = partsAfter(film, at);
  /** @param {number} start */
  const label = (start) => before.find((part) => part.start === start)?.label ?? "";
  return { join, left: label(join.start), right: label(join.middle), made: film.said.join_labels[at] };
}

// The position looked at: the last one while none is held.
/** @type {(api: Page) => number} */
export function posOf(api) {
  const last = Math.max(0, (api.picture()?.header.ids.length ?? 0) - 1);
  return clamp(api.view().pos ?? last, 0, last);
}

/** @type {(api: Page, pos: number) => void} */
export function lookAt(api, pos) {
  const last = (api.picture()?.header.ids.length ?? 0) - 1;
  api.setView({ pos: pos >= last ? null : pos, at: -1, find: "" });
}
