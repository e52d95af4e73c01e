// Further ways to write numbers, digit for digit as gptviz/rounding.py writes them: ties go away from zero, minus signs are true ones.

import { fixed, fmtNumber, fmtPercent } from "./dom.js";

// What somebody set: as many digits as it has, four behind the point at most. 0.80 → "0.8", 50 → "50"
/** @type {(x: number) => string} */
export function fmtSetting(x) {
  const text = fixed(x, 4);
  const short = text.includes(".") ? text.replace(/\.?0+$/, "") : text;
  return short === "-0" ? "0" : short.replace("-", "−");
}

// Four figures or so, so that who checks a line by hand comes to its result: 12.40, 1.640, 0.0042; small ones as 3.2e−5
/** @type {(x: number | null | undefined) => string} */
export function fmtOperand(x) {
  if (x === null || x === undefined || !Number.isFinite(x)) return fmtNumber(x);
  const size = Math.abs(x);
  if (size === 0) return "0";
  if (size >= 1e5 || size < 1e-3) return fmtScientific(x, size < 1e-3 ? 1 : 3);
  return fmtNumber(x, size >= 999.95 ? 0 : size >= 99.995 ? 1 : size >= 9.9995 ? 2 : size >= 0.99995 ? 3 : 4);
}

// 1.25e-7 → "1.3e−7"
/** @type {(x: number, digits?: number) => string} */
export function fmtScientific(x, digits = 1) {
  if (!Number.isFinite(x)) return fmtNumber(x);
  return x.toExponential(digits).replace("e+", "e").replace(/-/g, "−");
}

// What a token had before a filter cut it: in brackets, as it is no part of the probabilities that are drawn from, which are 100%.
/** @type {(p: number | null | undefined) => string} */
export function fmtCut(p) {
  return `(${fmtPercent(p)})`;
}

// A factor of a product: a percentage of three figures, so that the product as it is written is nearly that of the numbers.
/** @type {(p: number) => string} */
export function fmtFactor(p) {
  return fmtPercent(p, p >= 0.1 ? 1 : p >= 0.01 ? 2 : p >= 0.001 ? 3 : 4);
}

// Two numbers as written, with up to `more` further digits where else they would look alike and are not.
/** @type {(write: (x: number, digits: number) => string, before: number, after: number, digits: number, more?: number) => [string, string]} */
export function fmtBoth(write, before, after, digits, more = 2) {
  for (let tried = digits; before !== after && tried <= digits + more; tried += 1) {
    const written = /** @type {[string, string]} */ ([write(before, tried), write(after, tried)]);
    if (written[0] !== written[1]) return written;
  }
  return [write(before, digits), write(after, digits)];
}

// The fewest digits, from `digits` to `most`, with which the parts as written come to the total as written; null: none do.
/** @type {(parts: number[], total: number, digits: number, most?: number) => number | null} */
export function addingUp(parts, total, digits, most = 3) {
  /** @type {(x: number, tried: number) => bigint} */
  const units = (x, tried) => BigInt(fixed(x, tried).replace(".", ""));
  for (let tried = digits; tried <= most; tried += 1) {
    const sum = parts.reduce((so_far, part) => so_far + units(part, tried), 0n);
    if (sum === units(total, tried)) return tried;
  }
  return null;
}
