// The map as it is painted: every point of the vocabulary, and above them the tokens that are pointed out, with their names.

import { clamp } from "../../kit/dom.js";
import { mixColour } from "../../kit/theme.js";

/** @import { Camera, MapScene, Points } from "./types.d.ts" */
/** @import { Theme } from "../../kit/theme.js" */
/** @import { Lit } from "./message.d.ts" */

// One colour a script, told apart without colour too: the legend shows one at a time.
const COLOURS = {
  light: ["#7d8794", "#0b8f7c", "#a86a12", "#7a49c0", "#4c8a2b", "#b9bdc6", "#1c2024"],
  dark: ["#8d97a5", "#2fc4ad", "#d9a04a", "#b394ee", "#86c35f", "#5a606c", "#e8eaed"],
};
const SIDE = 2.2; // px of a point
const FEW = 4000; // points that have room for more
const LARGER = 3.4;
const MARGIN = 26;
const LABEL = 12;

/** @type {(theme: Theme, script: number) => string} */
export function scriptColour(theme, script) {
  return COLOURS[theme.dark ? "dark" : "light"][script];
}

// A camera from which all points are seen.
/** @type {(points: Points, width: number, height: number) => Camera} */
export function wholeView({ places }, width, height) {
  let [left, right, low, high] = [Infinity, -Infinity, Infinity, -Infinity];
  for (let i = 0; i < places.length; i += 2) {
    left = Math.min(left, places[i]);
    right = Math.max(right, places[i]);
    low = Math.min(low, places[i + 1]);
    high = Math.max(high, places[i + 1]);
  }
  const across = (width - 2 * MARGIN) / Math.max(1e-9, right - left);
  const down = (height - 2 * MARGIN) / Math.max(1e-9, high - low);
  return { x: (left + right) / 2, y: (low + high) / 2, scale: Math.max(1e-9, Math.min(across, down)) };
}

// Where a place is on the screen, and the other way.
/** @type {(camera: Camera, width: number, height: number, x: number, y: number) => [number, number]} */
export function onScreen(camera, width, height, x, y) {
  return [width / 2 + (x - camera.x) * camera.scale, height / 2 - (y - camera.y) * camera.scale];
}

// The point nearest to a place on the screen, within some pixels; −1 where there is none.
/** @type {(scene: MapScene, x: number, y: number) => number} */
export function pointAt({ points, camera, width, height, script }, x, y) {
  let [found, nearest] = [-1, 10 ** 2];
  for (let i = 0; i < points.scripts.length; i += 1) {
    if (script >= 0 && points.scripts[i] !== script) continue;
    const [left, top] = onScreen(camera, width, height, points.places[2 * i], points.places[2 * i + 1]);
    const apart = (left - x) ** 2 + (top - y) ** 2;
    if (apart < nearest) [found, nearest] = [i, apart];
  }
  return found;
}

// The id of a point.
/** @type {(points: Points, i: number) => number} */
export function idOf(points, i) {
  return points.ids ? points.ids[i] : i;
}

/** @type {(context: CanvasRenderingContext2D, scene: MapScene) => void} */
export function paintPoints(context, scene) {
  const { points, camera, colour, script, theme, width, height } = scene;
  const side =
    (points.scripts.length < FEW ? LARGER : SIDE) *
    clamp(Math.sqrt(camera.scale / wholeView(points, width, height).scale), 1, 2.6);
  const count = points.scripts.length;
  /** @param {(i: number) => boolean} chosen @param {string} fill @param {number} alpha */
  const paint = (chosen, fill, alpha) => {
    context.fillStyle = fill;
    context.globalAlpha = alpha;
    for (let i = 0; i < count; i += 1) {
      if (!chosen(i)) continue;
      const [left, top] = onScreen(camera, width, height, points.places[2 * i], points.places[2 * i + 1]);
      if (left > -side && left < width + side && top > -side && top < height + side)
        context.fillRect(left - side / 2, top - side / 2, side, side);
    }
  };
  const quiet = script >= 0 ? 0.08 : 0.62;
  if (colour === "id") {
    for (let band = 7; band >= 0; band -= 1) {
      const fill = mixColour(theme.ink, theme.cut, band / 7);
      paint((i) => bandOf(points, i) === band && (script < 0 || points.scripts[i] === script), fill, 0.75);
    }
  } else {
    for (const kind of [5, 0, 4, 3, 2, 1, 6])
      paint((i) => points.scripts[i] === kind, scriptColour(theme, kind), script === kind ? 0.85 : quiet);
  }
  context.globalAlpha = 1;
}

// In which eighth of the ids a point is: the earliest are 0.
/** @type {(points: Points, i: number) => number} */
function bandOf(points, i) {
  return Math.min(7, Math.floor((idOf(points, i) / Math.max(1, points.nTokens)) * 8));
}

// The tokens pointed out, above all others; names that would lie on an earlier one are left out, the chosen one's never.
/** @type {(context: CanvasRenderingContext2D, scene: MapScene) => void} */
export function paintLit(context, { lit, camera, theme, width, height, points, hover }) {
  /** @type {number[][]} */
  const taken = [];
  context.font = `${Math.max(LABEL * theme.type, theme.big)}px ${theme.font}`;
  context.textBaseline = "middle";
  const ranked = [...lit].reverse(); // the chosen one first
  for (const one of ranked)
    paintOne(context, one, onScreen(camera, width, height, one.x, one.y), { theme, width, taken });
  if (hover >= 0) {
    const [x, y] = onScreen(camera, width, height, points.places[2 * hover], points.places[2 * hover + 1]);
    context.strokeStyle = theme.ink;
    context.lineWidth = 1.5;
    ring(context, x, y, 6);
  }
}

/** @type {(context: CanvasRenderingContext2D, one: Lit, at: [number, number], room: { theme: Theme, width: number, taken: number[][] }) => void} */
function paintOne(context, one, [x, y], { theme, width, taken }) {
  const colour = one.kind === "near" ? theme.accent : theme.draw;
  context.strokeStyle = colour;
  context.fillStyle = colour;
  context.lineWidth = one.kind === "chosen" ? 2.5 : 1.5;
  const size = one.kind === "near" ? 3 : 4.5;
  context.beginPath();
  context.arc(x, y, size, 0, 2 * Math.PI);
  if (one.kind === "near") context.stroke();
  else context.fill();
  if (one.kind === "chosen") ring(context, x, y, 8);
  const wide = context.measureText(one.label).width;
  const high = LABEL * theme.type;
  const gap = one.kind === "chosen" ? 13 : 9;
  const left = x + gap + wide > width ? x - gap - wide : x + gap;
  const box = [left, y - high / 2, left + wide, y + high / 2];
  if (one.kind !== "chosen" && taken.some((other) => overlap(box, other))) return;
  taken.push(box);
  context.lineWidth = 3.5;
  context.strokeStyle = theme.panel;
  context.strokeText?.(one.label, left, y);
  context.fillText(one.label, left, y);
}

/** @type {(context: CanvasRenderingContext2D, x: number, y: number, r: number) => void} */
function ring(context, x, y, r) {
  context.beginPath();
  context.arc(x, y, r, 0, 2 * Math.PI);
  context.stroke();
}

/** @type {(one: number[], other: number[]) => boolean} */
function overlap(one, other) {
  return one[0] < other[2] && other[0] < one[2] && one[1] < other[3] && other[1] < one[3];
}
