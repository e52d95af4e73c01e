// Axes of any chart: where a value lies, and which values are written beside it.

/** @typedef {[value: number, text: string]} Tick */
/** @typedef {{ log?: boolean, min: number, max: number }} Bounds */

// The place of a value between two ends in px; a logarithmic axis by powers.
/** @type {(bounds: Bounds, from: number, to: number) => (value: number) => number} */
export function axisScale({ log, min, max }, from, to) {
  const at = log ? Math.log10 : Number;
  const [low, high] = [at(min), at(max)];
  return (value) => from + ((at(value) - low) / (high - low || 1)) * (to - from);
}

// The other way: the value at a place, within the axis's ends.
/** @type {(bounds: Bounds, from: number, to: number) => (place: number) => number} */
export function axisValue({ log, min, max }, from, to) {
  const [low, high] = log ? [Math.log10(min), Math.log10(max)] : [min, max];
  return (place) => {
    const at = low + Math.min(1, Math.max(0, (place - from) / (to - from || 1))) * (high - low);
    return log ? 10 ** at : at;
  };
}

// Ticks at every `step` from `low` to `high`, both of them multiples of it.
/** @type {(low: number, high: number, step: number, write?: (value: number) => string) => Tick[]} */
export function evenTicks(low, high, step, write = String) {
  /** @type {Tick[]} */
  const ticks = [];
  for (let value = low; value <= high; value += step) ticks.push([value, write(value)]);
  return ticks;
}

// A round step by which `most` is reached in about so many: 1, 2 or 5 times a power of ten.
/** @type {(most: number, about: number) => number} */
export function roundStep(most, about) {
  const rough = most / about;
  const power = 10 ** Math.floor(Math.log10(rough));
  return [1, 2, 5, 10].map((factor) => factor * power).find((step) => step >= rough) ?? 10 * power;
}

// The ticks 10^low … 10^high of a logarithmic axis, at most `most` of them.
/** @type {(low: number, high: number, most: number, write?: (power: number) => string) => Tick[]} */
export function powerTicks(low, high, most, write = writePower) {
  const every = Math.max(1, Math.ceil((high - low + 1) / most));
  /** @type {Tick[]} */
  const ticks = [];
  for (let power = high; power >= low; power -= every) ticks.push([10 ** power, write(power)]);
  return ticks.reverse();
}

/** @type {(power: number) => string} */
function writePower(power) {
  const small = ["1", "10", "100", "1,000", "10,000", "100,000"];
  if (power in small) return small[power];
  return power < -3 || power > 5 ? "10" + superscript(power) : String(10 ** power).replace("1e-", "10⁻");
}

/** @type {(power: number) => string} */
function superscript(power) {
  return [...String(power)].map((digit) => (digit === "-" ? "⁻" : "⁰¹²³⁴⁵⁶⁷⁸⁹"[Number(digit)])).join("");
}

// Which of `count` labels can stand `every` apart: the last always, the wanted ones always, none too near to a wanted one.
/** @type {(count: number, every: number, wanted: (number | null)[]) => number[]} */
export function readable(count, every, wanted) {
  const sure = [...new Set(wanted)].filter((at) => at !== null && at >= 0 && at < count);
  /** @param {number} at */
  const near = (at) => sure.some((one) => one !== at && Math.abs(Number(one) - at) < every);
  const shown = [];
  for (let at = count - 1; at >= 0; at -= 1) {
    if (sure.includes(at) || ((count - 1 - at) % every === 0 && !near(at))) shown.push(at);
  }
  return shown.reverse();
}
