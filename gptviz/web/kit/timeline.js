// Time across, a size up on a logarithmic scale: marks that can be chosen, a band for sizes that are not known, and at the right
// edge what else stands on the scale. It places numbers; it makes none. Labels go where they cover nothing.

import { axisScale, powerTicks } from "./axis.js";
import { setAttr, svg } from "./dom.js";

/** @import { Api } from "../types.d.ts" */

/** @typedef {{ key: string, x: number, y: number | null, label: string, hint: string, shape: string, class: string }} Entry */
/** @typedef {{ key: string, y: number, label: string, hint: string, class: string, chosen: boolean }} Beside */
/**
 * @typedef {object} Spec
 * @property {{ from: number, to: number }} years whole ones
 * @property {{ low: number, high: number }} powers of ten, the scale
 * @property {(power: number) => string} write a power on the scale
 * @property {string} band what the band says
 * @property {string} title of the scale
 * @property {Entry[]} entries
 * @property {Beside[]} beside
 * @property {string} chosen
 * @property {string} label
 */
/** @typedef {{ x0: number, x1: number, y0: number, y1: number }} Box */

const FONT = 12;
const BAND = 5.4; // heights of a line
const RING = 15; // of what is chosen, and what a finger hits
const ROOM = 5; // between two names
const BESIDE = 13; // widths of the font, at the right

/** @type {(host: HTMLElement, onResize: Api["onResize"], choose: (key: string) => void) => { draw: (spec: Spec, type: number) => void, picture: SVGSVGElement }} */
export function createTimeline(host, onResize, choose) {
  /** @type {{ spec: Spec | null, type: number, size: [number, number] }} */
  const memory = { spec: null, type: 1, size: [0, 0] };
  const picture = svg("svg", { class: "timeline", role: "group" });
  host.append(picture);
  const paint = () => {
    if (memory.spec && memory.size[0] > 0) paintTimeline(picture, memory.spec, memory.type, memory.size);
  };
  onResize(host, ({ width, height }) => {
    if (Math.abs(width - memory.size[0]) + Math.abs(height - memory.size[1]) < 1) return;
    memory.size = [width, height];
    paint();
  });
  const pick = (/** @type {Event} */ event) => {
    const node = event.target instanceof Element ? event.target.closest("[data-key]") : null;
    if (node instanceof SVGElement && node.dataset.key) choose(node.dataset.key);
    return Boolean(node);
  };
  picture.addEventListener("click", pick);
  picture.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" && event.key !== " ") return;
    if (!pick(event)) return;
    event.preventDefault();
    event.stopPropagation();
  });
  return {
    picture,
    draw: (spec, type) => {
      Object.assign(memory, { spec, type });
      setAttr(picture, "aria-label", spec.label);
      paint();
    },
  };
}

/** @type {(picture: SVGSVGElement, spec: Spec, type: number, size: [number, number]) => void} */
function paintTimeline(picture, spec, type, [width, height]) {
  const focused = /** @type {ShadowRoot} */ (picture.getRootNode()).activeElement;
  const kept = focused instanceof SVGElement ? focused.dataset.key : undefined;
  const unit = FONT * type;
  const narrow = width < unit * 52;
  const area = {
    x0: unit * 5.4,
    x1: width - (narrow ? unit * 1.5 : unit * BESIDE),
    y0: height - unit * 2.2,
    y1: unit * (BAND + 1.2),
  };
  const place = {
    x: axisScale({ min: spec.years.from, max: spec.years.to }, area.x0, area.x1),
    y: axisScale({ log: true, min: 10 ** spec.powers.low, max: 10 ** spec.powers.high }, area.y0, area.y1),
  };
  setAttr(picture, "viewBox", `0 0 ${width} ${height}`);
  setAttr(picture, "width", width);
  setAttr(picture, "height", height);
  picture.replaceChildren(
    ...scaleParts(spec, area, place, unit, narrow),
    ...(narrow ? [] : besideParts(spec, area, place, unit)),
    ...entryParts(spec, area, place, unit, narrow),
  );
  if (kept) /** @type {SVGElement | null} */ (picture.querySelector(`[data-key="${kept}"]`))?.focus();
}

/** @type {(spec: Spec, area: Box, place: { x: (v: number) => number, y: (v: number) => number }, unit: number, narrow: boolean) => SVGElement[]} */
function scaleParts({ years, powers, write, band, title }, area, place, unit, narrow) {
  const top = unit * 0.6;
  const parts = [
    svg("rect", { class: "band", x: area.x0, y: top, width: area.x1 - area.x0, height: unit * BAND, rx: 6 }),
    svg("text", { class: "band-said", x: area.x0 + unit * 0.6, y: top + unit * 1.3, text: band }),
    svg("path", { class: "axis", d: `M${area.x0} ${area.y1}V${area.y0}H${area.x1}` }),
    svg("text", { class: "axis-title", x: area.x0 + unit * 0.6, y: area.y1 + unit * 0.9, text: title }),
  ];
  const every = narrow ? 2 : 1;
  for (let year = years.from; year <= years.to; year += every) {
    const x = place.x(year);
    parts.push(
      svg("path", { class: "grid-line", d: `M${x} ${top}V${area.y0}` }),
      svg("text", { class: "tick", x, y: area.y0 + unit * 1.4, "text-anchor": "middle", text: year }),
    );
  }
  for (const [value, text] of powerTicks(powers.low, powers.high, 9, write)) {
    const y = place.y(value);
    parts.push(
      svg("path", { class: "grid-line", d: `M${area.x0} ${y}H${area.x1}` }),
      svg("text", { class: "tick", x: area.x0 - unit * 0.5, y: y + unit * 0.35, "text-anchor": "end", text }),
    );
  }
  return parts;
}

// The sizes at the right edge, their names one below the other with a line to each place.
/** @type {(spec: Spec, area: Box, place: { y: (v: number) => number }, unit: number) => SVGElement[]} */
function besideParts({ beside }, area, place, unit) {
  const step = unit * 1.3;
  const rows = beside.map((one) => ({ one, at: place.y(one.y), said: place.y(one.y) })).sort((a, b) => b.at - a.at);
  rows.forEach((row, i) => {
    if (i > 0) row.said = Math.min(row.at, rows[i - 1].said - step);
  });
  return rows.flatMap(({ one, at, said }) => {
    const x = area.x1;
    const line = svg("path", {
      class: "leader " + one.class,
      d: `M${x - unit * 0.4} ${at}H${x + unit * 0.5}L${x + unit * 1.4} ${said}`,
    });
    const text = svg("text", {
      class: "beside " + one.class,
      x: x + unit * 1.7,
      y: said + unit * 0.35,
      text: one.label,
    });
    text.append(svg("title", {}, one.hint));
    if (!one.class.includes("open")) return [line, text];
    const across = svg("path", { class: "across", d: `M${area.x0} ${at}H${x}` });
    for (const [name, value] of Object.entries(buttonAttrs(one.key, one.hint, one.chosen))) setAttr(text, name, value);
    return [across, line, text];
  });
}

/** @type {(key: string, hint: string, chosen: boolean) => Record<string, unknown>} */
function buttonAttrs(key, hint, chosen) {
  return {
    "data-key": key,
    "data-testid": "entry",
    role: "button",
    tabindex: 0,
    "aria-label": hint,
    "aria-pressed": String(chosen),
  };
}

// The chosen one is placed first; where there is little room, names that would cover others are left to the hint.
/** @type {(spec: Spec, area: Box, place: { x: (v: number) => number, y: (v: number) => number }, unit: number, narrow: boolean) => SVGElement[]} */
function entryParts({ entries, chosen }, area, place, unit, narrow) {
  const r = unit * 0.52;
  const middle = unit * (0.6 + BAND / 2 + 0.35);
  const at = entries.map(({ x, y }) => ({ x: place.x(x), y: y === null ? middle : place.y(y) }));
  /** @type {Box[]} */
  const taken = at.map(({ x, y }) => ({ x0: x - r - 2, x1: x + r + 2, y0: y - r - 2, y1: y + r + 2 }));
  /** @type {Map<string, Box>} */
  const names = new Map();
  const order = [...entries.keys()].sort(
    (a, b) => Number(entries[b].key === chosen) - Number(entries[a].key === chosen),
  );
  for (const i of order) {
    const { key, label } = entries[i];
    const { box, cost } = labelBox(at[i], textWidth(label, unit), unit, r, taken, area);
    if (narrow && cost > 0 && key !== chosen) continue;
    names.set(key, box);
    taken.push({ ...box, x0: box.x0 - ROOM, x1: box.x1 + ROOM });
  }
  return entries.map((entry, i) => {
    const spot = at[i];
    const box = names.get(entry.key);
    const node = svg(
      "g",
      {
        class: `entry ${entry.class}${entry.y === null ? " unknown" : ""}`,
        ...buttonAttrs(entry.key, entry.hint, entry.key === chosen),
      },
      svg("title", {}, entry.hint),
      svg("rect", { class: "target", x: spot.x - 14, y: spot.y - 14, width: 28, height: 28, rx: 14 }),
      shapeOf(entry.shape, spot.x, spot.y, r),
    );
    if (box) node.append(svg("text", { class: "entry-name", x: box.x0, y: box.y1 - unit * 0.25, text: entry.label }));
    return node;
  });
}

// Above, below, right or left of its mark: the first place that covers nothing, else the one that covers least.
/** @type {(spot: { x: number, y: number }, wide: number, unit: number, r: number, taken: Box[], area: Box) => { box: Box, cost: number }} */
function labelBox({ x, y }, wide, unit, r, taken, area) {
  const high = unit * 1.15;
  const gap = Math.max(r + unit * 0.3, RING);
  const tries = [
    [x - wide / 2, y - gap - high],
    [x - wide / 2, y + gap],
    [x + gap, y - high / 2],
    [x - gap - wide, y - high / 2],
    [x - wide * 0.9, y - gap - high],
    [x - wide * 0.1, y + gap],
  ].map(([left, top]) => ({ x0: left, x1: left + wide, y0: top, y1: top + high }));
  const cost = tries.map((box) => {
    const out = box.x0 < area.x0 - 4 || box.x1 > area.x1 + unit ? 1e6 : 0;
    return taken.reduce((sum, other) => sum + overlap(box, other), out);
  });
  const least = Math.min(...cost);
  return { box: tries[cost.indexOf(least)], cost: least };
}

/** @type {(a: Box, b: Box) => number} */
function overlap(a, b) {
  const across = Math.min(a.x1, b.x1) - Math.max(a.x0, b.x0);
  const down = Math.min(a.y1, b.y1) - Math.max(a.y0, b.y0);
  return across > 0 && down > 0 ? across * down : 0;
}

/** @type {(text: string, unit: number) => number} */
function textWidth(text, unit) {
  return [...text].reduce((sum, letter) => sum + (letter > "\u2e80" ? 1 : 0.57), 0) * unit;
}

/** @type {(shape: string, x: number, y: number, r: number) => SVGElement} */
function shapeOf(shape, x, y, r) {
  if (shape === "encoder")
    return svg("rect", { class: "face", x: x - r, y: y - r, width: 2 * r, height: 2 * r, rx: 1.5 });
  const d = r * 1.25;
  if (shape === "both")
    return svg("path", { class: "face", d: `M${x} ${y - d}L${x + d} ${y}L${x} ${y + d}L${x - d} ${y}Z` });
  return svg("circle", { class: "face", cx: x, cy: y, r });
}
