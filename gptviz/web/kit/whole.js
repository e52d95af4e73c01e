// A text longer than what is read at a time: the box holds all of it, its end is sent, and the tab remembers the whole, so that a
// reload or another page brings it back. How much is read is Python's to say (the header's `bounds`).

/** @import { Bounds } from "../types.d.ts" */
/** @typedef {{ text: string, beyond: number }} Read what is read, and how many characters lie before it */

const STEPS = 8; // in so many the cut moves on, so that the next key finds the same beginning
const NAME = "gptviz-whole:";
const REST = 400; // ms without a key before the tab is given the text
/** @type {Map<string, string>} */
const WHOLE = new Map();
/** @type {Map<string, number>} */
const TIMERS = new Map();

// The end of a text: as many characters as are read, whole ones, and a character beyond U+FFFF counts once, as it does in Python.
/** @type {(text: string, most: number) => Read} */
export function fit(text, most) {
  if (text.length <= most) return { text, beyond: 0 };
  let start = text.length;
  for (let count = 0; start > 0 && count < most; count += 1) start -= splits(text, start - 1) ? 2 : 1;
  if (start === 0) return { text, beyond: 0 };
  const step = Math.ceil(most / STEPS);
  const from = Math.ceil(start / step) * step;
  const cut = splits(text, from) ? from + 1 : from;
  return { text: text.slice(cut), beyond: count(text, cut) };
}

// Whether a cut at `at` goes through a character.
/** @type {(text: string, at: number) => boolean} */
function splits(text, at) {
  return at > 0 && (text.charCodeAt(at) & 0xfc00) === 0xdc00 && (text.charCodeAt(at - 1) & 0xfc00) === 0xd800;
}

/** @type {(text: string, end: number) => number} */
function count(text, end) {
  let found = end;
  for (let at = 1; at < end; at += 1) if (splits(text, at)) found -= 1;
  return found;
}

// Notes what the box of that name holds, where that is more than is read.
/** @type {(name: string, all: string, read: Read, bounds: Bounds) => void} */
export function keepWhole(name, all, { beyond }, { kept_chars }) {
  clearTimeout(TIMERS.get(name));
  if (!beyond) {
    if (WHOLE.delete(name)) store(name, null);
    return;
  }
  WHOLE.set(name, all);
  TIMERS.set(
    name,
    setTimeout(() => store(name, all.length <= kept_chars ? all : null), REST),
  );
}

// What the box shall hold where Python says `text`: that, or the whole of which it is the end, or that went on.
/** @type {(name: string, text: string, bounds: Bounds) => string} */
export function wholeOf(name, text, { chars }) {
  const all = WHOLE.get(name) ?? stored(name);
  if (!all || !text) return text;
  const read = fit(all, chars);
  if (!read.beyond || !text.startsWith(read.text)) return text;
  const now = all + text.slice(read.text.length);
  WHOLE.set(name, now);
  return now;
}

/** @type {(name: string, text: string | null) => void} */
function store(name, text) {
  try {
    if (text === null) sessionStorage.removeItem(NAME + name);
    else sessionStorage.setItem(NAME + name, text);
  } catch {
    // no storage, or a full one: a reload brings back what is read
  }
}

/** @type {(name: string) => string | null} */
function stored(name) {
  try {
    return sessionStorage.getItem(NAME + name);
  } catch {
    return null;
  }
}
