// Line charts in SVG: two axes, linear or logarithmic, lines, marks and guides. It places numbers; it makes none.

import { axisScale, axisValue } from "./axis.js";
import { el, setAttr, svg } from "./dom.js";
import { roomFor, widthOfText } from "./plot_notes.js";

/** @import { Api } from "../types.d.ts" */
/** @import { Bounds, Tick } from "./axis.js" */
/** @import { Theme } from "./theme.js" */

/**
 * @typedef {Bounds & { ticks: Tick[], title: string }} Axis
 * @typedef {{ points: [x: number, y: number | null][], class: string }} Line
 * @typedef {{ x?: number, y?: number, class: string, text?: string, side?: string }} Guide one of x and y
 * @typedef {{ x: number, y: number, class: string, text?: string, side?: string }} Mark
 * @typedef {{ x0: number, x1: number, y0: number, y1: number }} Area
 * @typedef {{ x: (value: number) => number, y: (value: number) => number }} Place
 */
/**
 * @typedef {object} PlotSpec
 * @property {Axis} x
 * @property {Axis} y
 * @property {{ ticks: Tick[], title: string }} [right]
 * @property {Line[]} lines
 * @property {Guide[]} [guides]
 * @property {Mark[]} [marks]
 * @property {string} label
 */
/**
 * @typedef {object} Plot
 * @property {HTMLElement} node
 * @property {(spec: PlotSpec, theme: Theme) => void} draw
 * @property {() => void} clear
 * @property {SVGSVGElement} picture
 * @property {(clientX: number) => number | null} across what the horizontal axis says at a place of the screen; null: nothing is drawn
 */

const PLOT_FONT = 11;

// Gives { node, draw(spec, theme), clear(), picture, across }. The chart fills its host, and is drawn again when that changes its size (onResize: see wire/page.js).
// spec: { x, y, right?, lines, guides?, marks?, label } where an axis is { log?, min, max, ticks: [[value, text]…], title },
// a line { points: [[x, y]…], class, name? }, a guide { x } or { y } with class and text, a mark { x, y, class, text?, side?: above | below }.
/** @type {(host: HTMLElement, onResize: Api["onResize"]) => Plot} */
export function createPlot(host, onResize) {
  /** @type {{ spec: PlotSpec | null, theme: Theme | null, size: [number, number] }} */
  const memory = { spec: null, theme: null, size: [0, 0] };
  const picture = svg("svg", { class: "plot", role: "img" });
  const node = el("div", { class: "plot-box" }, picture);
  host.append(node);
  const paint = () => {
    const { spec, theme, size } = memory;
    if (spec && theme && size[0] > 0) paintPlot(picture, { spec, theme, size });
  };
  onResize(node, ({ width, height }) => {
    if (Math.abs(width - memory.size[0]) + Math.abs(height - memory.size[1]) < 1) return;
    memory.size = [width, height];
    paint();
  });
  /** @type {Plot["draw"]} */
  const draw = (spec, theme) => {
    Object.assign(memory, { spec, theme });
    setAttr(picture, "aria-label", spec.label);
    paint();
  };
  const clear = () => {
    memory.spec = null;
    picture.replaceChildren();
  };
  /** @type {Plot["across"]} */
  const across = (clientX) => {
    const { spec, theme, size } = memory;
    if (!spec || !theme || size[0] <= 0) return null;
    const { x0, x1 } = areaOf(spec, theme, size);
    return axisValue(spec.x, x0, x1)(clientX - node.getBoundingClientRect().left);
  };
  return { node, draw, clear, picture, across };
}

// Where between its axes the chart lies, in px.
/** @type {(spec: PlotSpec, theme: Theme, size: [number, number]) => Area} */
function areaOf(spec, theme, [width, height]) {
  const unit = PLOT_FONT * theme.type;
  const right = spec.right
    ? widthOf(spec.right, unit) + unit * 1.9
    : Math.max(unit * 1.1, (spec.x.ticks.at(-1)?.[1].length ?? 0) * unit * 0.33);
  return { x0: widthOf(spec.y, unit) + unit * 1.9, x1: width - right, y0: height - unit * 2.9, y1: unit * 0.9 };
}

/** @type {(picture: SVGSVGElement, drawn: { spec: PlotSpec, theme: Theme, size: [number, number] }) => void} */
function paintPlot(picture, { spec, theme, size: [width, height] }) {
  const unit = PLOT_FONT * theme.type;
  const area = areaOf(spec, theme, [width, height]);
  const place = { x: axisScale(spec.x, area.x0, area.x1), y: axisScale(spec.y, area.y0, area.y1) };
  setAttr(picture, "viewBox", `0 0 ${width} ${height}`);
  setAttr(picture, "width", width);
  setAttr(picture, "height", height);
  picture.replaceChildren(
    ...axisParts(spec, area, place, unit),
    ...(spec.guides || []).map((guide) => guideLine(guide, area, place)),
    ...spec.lines.map((line) => svg("path", { class: "line " + line.class, d: linePath(line.points, place, area) })),
    ...(spec.marks || []).flatMap((mark) => markParts(mark, area, place, unit)),
    ...guideNotes(spec, area, place, unit), // over the lines, by their halo
  );
}

/** @type {(spec: PlotSpec, area: Area, place: Place, unit: number) => SVGElement[]} */
function axisParts(spec, area, place, unit) {
  /** @type {SVGElement[]} */
  const parts = [svg("path", { class: "axis", d: `M${area.x0} ${area.y1}V${area.y0}H${area.x1}` })];
  for (const [value, text] of spec.x.ticks) {
    const x = place.x(value);
    parts.push(svg("path", { class: "grid-line", d: `M${x} ${area.y0}V${area.y1}` }));
    parts.push(svg("text", { class: "tick", x, y: area.y0 + unit * 1.25, "text-anchor": "middle", text }));
  }
  for (const [value, text] of spec.y.ticks) {
    const y = place.y(value);
    parts.push(svg("path", { class: "grid-line", d: `M${area.x0} ${y}H${area.x1}` }));
    parts.push(svg("text", { class: "tick", x: area.x0 - unit * 0.5, y: y + unit * 0.35, "text-anchor": "end", text }));
  }
  for (const [value, text] of spec.right ? spec.right.ticks : []) {
    parts.push(svg("text", { class: "tick", x: area.x1 + unit * 0.5, y: place.y(value) + unit * 0.35, text }));
  }
  const middle = (area.y0 + area.y1) / 2;
  /** @type {(x: number, text: string) => SVGElement} */
  const upright = (x, text) =>
    svg("text", {
      class: "axis-title",
      transform: `translate(${x} ${middle}) rotate(-90)`,
      "text-anchor": "middle",
      text,
    });
  parts.push(
    svg("text", {
      class: "axis-title",
      x: (area.x0 + area.x1) / 2,
      y: area.y0 + unit * 2.55,
      "text-anchor": "middle",
      text: spec.x.title,
    }),
  );
  parts.push(upright(unit * 0.95, spec.y.title));
  if (spec.right) parts.push(upright(area.x1 + widthOf(spec.right, unit) + unit * 1.5, spec.right.title));
  return parts;
}

/** @type {(axis: { ticks: Tick[] }, unit: number) => number} */
function widthOf(axis, unit) {
  return Math.max(0, ...axis.ticks.map(([, text]) => text.length)) * unit * 0.6;
}

// A broken line through the points that are numbers; it is cut at the edges of the area.
/** @type {(points: Line["points"], place: Place, area: Area) => string} */
function linePath(points, place, area) {
  let path = "";
  let pen = "M";
  for (const [x, y] of points) {
    if (y === null || !Number.isFinite(y)) {
      pen = "M";
      continue;
    }
    const down = Math.min(area.y0 + 1, Math.max(area.y1 - 1, place.y(y)));
    path += `${pen}${place.x(x).toFixed(1)} ${(Number.isFinite(down) ? down : area.y0).toFixed(1)}`;
    pen = "L";
  }
  return path;
}

/** @type {(guide: Guide, area: Area, place: Place) => SVGElement} */
function guideLine({ x, y, class: name }, area, place) {
  const d = x !== undefined ? `M${place.x(x)} ${area.y0}V${area.y1}` : `M${area.x0} ${place.y(y ?? 0)}H${area.x1}`;
  return svg("path", { class: "guide " + name, d });
}

// The names of guides: an upright one's beside its head; a level one's where the fewest curves pass.
/** @type {(spec: PlotSpec, area: Area, place: Place, unit: number) => SVGElement[]} */
function guideNotes({ guides, lines }, area, place, unit) {
  const named = (guides || []).filter(({ text }) => text);
  const curves = named.length ? lines.map(({ points }) => pixels(points, place)) : [];
  return named.map(({ x, y, class: name, text = "", side }) => {
    const left = side === "left";
    const at =
      x === undefined
        ? roomFor(place.y(y ?? 0), widthOfText(text, unit), unit, area, curves, side)
        : { x: place.x(x) + (left ? -4 : 4), y: area.y1 + unit, anchor: left ? "end" : "start" };
    return svg("text", { class: "note " + name, x: at.x, y: at.y, "text-anchor": at.anchor, text });
  });
}

/** @type {(points: Line["points"], place: Place) => [number, number][]} */
function pixels(points, place) {
  /** @type {[number, number][]} */
  const found = [];
  for (const [x, y] of points) if (y !== null && Number.isFinite(y)) found.push([place.x(x), place.y(y)]);
  return found;
}

/** @type {(mark: Mark, area: Area, place: Place, unit: number) => SVGElement[]} */
function markParts({ x, y, class: name, text, side }, area, place, unit) {
  const [px, py] = [place.x(x), Math.min(area.y0, Math.max(area.y1, place.y(y)))];
  const dot = svg("circle", { class: "mark " + name, cx: px, cy: py, r: unit * 0.36 });
  if (!text) return [dot];
  const left = px > (area.x0 + area.x1) * 0.6;
  const [dx, dy] = left
    ? [0, side === "above" ? -unit * 0.7 : unit * 1.5]
    : [unit * 0.8, side === "below" ? unit * 1.4 : side === "above" ? -unit * 0.7 : unit * 0.35];
  return [
    dot,
    svg("text", { class: "note " + name, x: px + dx, y: py + dy, "text-anchor": left ? "end" : "start", text }),
  ];
}
