// What the arrays of a picture are: some travel as their difference to those of a picture that was here before (see
// ui/web/arrays.py): XOR of the bytes, with both first corners on each other and nothing but zeros beyond the older one.

/** @import { Blob, BlobEntry, Message } from "../types.d.ts" */
/** @typedef {Map<string, Blob>} Arrays */

const KEPT = 4; // pictures: one more than Python goes back to

/** @type {Map<string, Arrays>} */
const HELD = new Map(); // like the strings it outlives the page

/**
 * The arrays of a picture, whole, and kept under their name; null where what they differ from is not here.
 * @type {(message: Pick<Message, "header" | "blob">) => Arrays | null}
 */
export function arraysOf({ header, blob }) {
  const known = HELD.get(header.arrays_id);
  if (known) return known; // drawn again, in another theme
  const entries = Object.entries(header.blobs ?? {});
  const base = HELD.get(header.arrays_base);
  /** @type {Arrays} */
  const arrays = new Map();
  for (const [name, entry] of entries) {
    const sent = /** @type {Blob} */ (blob(name));
    const before = base?.get(name);
    if (entry.base && !before) return null;
    arrays.set(name, entry.base && before ? sum(sent, before, entry, entry.base) : sent);
  }
  if (header.arrays_id) keep(header.arrays_id, arrays);
  return arrays;
}

/** @type {(name: string, arrays: Arrays) => void} */
function keep(name, arrays) {
  HELD.delete(name);
  HELD.set(name, arrays);
  for (const old of HELD.keys()) if (HELD.size > KEPT) HELD.delete(old);
}

/** @type {(sent: Blob, before: Blob, entry: BlobEntry, was: number[]) => Blob} */
function sum(sent, before, { shape }, was) {
  const whole = sent.slice();
  const [into, from] = [bytesOf(whole), bytesOf(before)];
  const [wide, narrow] = [stridesOf(shape, whole.BYTES_PER_ELEMENT), stridesOf(was, whole.BYTES_PER_ELEMENT)];
  const last = shape.length - 1;
  const length = Math.min(shape[last], was[last]) * whole.BYTES_PER_ELEMENT;
  /** @type {(axis: number, at: number, old: number) => void} */
  const walk = (axis, at, old) => {
    if (axis === last) for (let i = 0; i < length; i += 1) into[at + i] ^= from[old + i];
    else {
      const common = Math.min(shape[axis], was[axis]);
      for (let i = 0; i < common; i += 1) walk(axis + 1, at + i * wide[axis], old + i * narrow[axis]);
    }
  };
  walk(0, 0, 0);
  return whole;
}

/** @type {(array: Blob) => Uint8Array} */
function bytesOf(array) {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}

// How many bytes one step along each axis is.
/** @type {(shape: number[], size: number) => number[]} */
function stridesOf(shape, size) {
  return shape.map((_, axis) => shape.slice(axis + 1).reduce((product, n) => product * n, size));
}
