// Where the name of a line that goes straight across a chart finds room: at one of its ends or in its middle, above or below it, where
// the fewest curves pass. In px.

/** @typedef {{ x: number, y: number, anchor: "start" | "middle" | "end" }} Note where a text is written, y its base line */
/** @typedef {{ x0: number, x1: number, y0: number, y1: number }} Area of the chart; y0 is its foot */
/** @typedef {[x: number, y: number][]} Curve */

const GAP = 4; // between the line and its name
const INSET = 8; // from the axes, where marks may stand
const EVERY = 3; // px of a curve that are looked at together
const WIDE = 0x2e80; // from here on a letter is as wide as it is high

// About as wide as the text will be.
/** @type {(text: string, unit: number) => number} */
export function widthOfText(text, unit) {
  return [...text].reduce((sum, letter) => sum + ((letter.codePointAt(0) ?? 0) >= WIDE ? 1 : 0.55), 0) * unit;
}

// Beside the line at `at`; with a `side` at that end of it.
/** @type {(at: number, width: number, unit: number, area: Area, curves: Curve[], side?: string) => Note} */
export function roomFor(at, width, unit, area, curves, side) {
  const ends = /** @type {Note["anchor"][]} */ (side === "left" ? ["start"] : ["end", "start", "middle"]);
  const lows = [at - GAP, at + unit * 1.05].filter((y) => y > area.y1 && y < area.y0 - 1);
  const places = (lows.length ? lows : [at - GAP]).flatMap((y) => ends.map((anchor) => placed(anchor, y, area)));
  const passed = places.map((place) => passing(boxOf(place, width, unit), curves));
  return places[passed.indexOf(Math.min(...passed))];
}

/** @type {(anchor: Note["anchor"], y: number, area: Area) => Note} */
function placed(anchor, y, area) {
  const x = { start: area.x0 + INSET, middle: (area.x0 + area.x1) / 2, end: area.x1 - INSET }[anchor];
  return { x, y, anchor };
}

/** @type {(place: Note, width: number, unit: number) => Area} */
function boxOf({ x, y, anchor }, width, unit) {
  const left = x - { start: 0, middle: width / 2, end: width }[anchor];
  return { x0: left, x1: left + width, y0: y + unit * 0.25, y1: y - unit * 0.85 };
}

// How much of the curves lies in a box.
/** @type {(box: Area, curves: Curve[]) => number} */
function passing(box, curves) {
  let found = 0;
  for (const curve of curves) {
    for (let i = 1; i < curve.length; i += 1) {
      const [[x, y], [u, v]] = [curve[i - 1], curve[i]];
      if (Math.max(x, u) < box.x0 || Math.min(x, u) > box.x1) continue;
      const parts = Math.max(1, Math.ceil(Math.hypot(u - x, v - y) / EVERY));
      for (let k = 0; k <= parts; k += 1) {
        const [a, b] = [x + ((u - x) * k) / parts, y + ((v - y) * k) / parts];
        if (a >= box.x0 && a <= box.x1 && b >= box.y1 && b <= box.y0) found += 1;
      }
    }
  }
  return found;
}
