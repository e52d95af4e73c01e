// What is written around a heat map: tokens at rows and columns, as many as can be read, and what rows and columns are.

import { readable } from "../../kit/axis.js";
import { clamp } from "../../kit/dom.js";

/** @import { Geometry, LabelPlace, Scene, Visible } from "./types.d.ts" */

const KEY_SLANT = -0.78; // radians; steep enough for neighbouring key labels to stay apart

/** @type {(context: CanvasRenderingContext2D, geometry: Geometry, scene: Scene, view: Visible) => void} */
export function paintLabels(context, geometry, scene, view) {
  paintQueries(context, geometry, scene, view);
  paintKeys(context, geometry, scene, view);
  paintAxes(context, geometry, scene);
}

// Large cells have larger names.
/** @type {(geometry: Geometry) => number} */
function labelSize({ wide, high, type }) {
  return clamp(Math.min(wide, high) * 0.28, 12 * type, 16 * type);
}

/** @type {(context: CanvasRenderingContext2D, geometry: Geometry, scene: Scene, view: Visible) => void} */
function paintQueries(context, geometry, scene, view) {
  const { left, top, height, high, count } = geometry;
  const size = labelSize(geometry);
  context.textBaseline = "middle";
  for (const query of readable(count, Math.ceil((size + 2) / high), [scene.pos, scene.lit])) {
    const y = view.y + (query + 0.5) * high;
    if (y < top || y > height) continue;
    paintLabel(context, scene, query, {
      x: left - 8,
      y,
      right: true,
      size,
      room: left - 12,
      strong: query === scene.pos,
    });
  }
}

/** @type {(context: CanvasRenderingContext2D, geometry: Geometry, scene: Scene, view: Visible) => void} */
function paintKeys(context, geometry, scene, view) {
  const { left, top, width, wide, count } = geometry;
  const size = labelSize(geometry);
  context.textBaseline = "alphabetic";
  for (const key of readable(count, Math.ceil((size * 1.2) / (wide * Math.sin(-KEY_SLANT))), [scene.key, scene.lit])) {
    const x = view.x + (key + 0.5) * wide;
    if (x < left || x > width) continue;
    context.save();
    context.translate(x + size * 0.25, top - 6);
    context.rotate(KEY_SLANT);
    paintLabel(context, scene, key, {
      x: 0,
      y: 0,
      right: false,
      size,
      room: (top - 9) / Math.sin(-KEY_SLANT),
      strong: false,
    });
    context.restore();
  }
}

/** @type {(context: CanvasRenderingContext2D, geometry: Geometry, scene: Scene) => void} */
function paintAxes(context, { left, top, type }, { theme, words }) {
  context.font = `${10.5 * type}px ${theme.font}`;
  context.fillStyle = theme.mute;
  context.textAlign = "right";
  context.textBaseline = "alphabetic";
  context.fillText(words.key + " →", left - 8, top - 20 * type);
  context.fillText(words.query + " ↓", left - 8, top - 7 * type);
}

// A token's label; the mark of a leading space is a small faint dot, drawn, because fonts disagree about the width of "·".
/** @type {(context: CanvasRenderingContext2D, scene: Scene, index: number, place: LabelPlace) => void} */
function paintLabel(context, scene, index, { x, y, right, size, room, strong }) {
  const { theme } = scene;
  context.font = `${strong ? 600 : 400} ${size}px ${theme.font}`;
  context.fillStyle = strong || index === scene.lit ? theme.accent : theme.mute;
  context.textAlign = right ? "right" : "left";
  const whole = scene.labels[index] || "";
  const spaced = whole.length > 1 && whole.startsWith("·");
  const shift = spaced ? size * 0.3 : 0;
  const text = fitLabel(context, spaced ? whole.slice(1) : whole, room - shift, scene.fitted);
  context.fillText(text, right ? x : x + shift, y);
  if (!spaced) return;
  const dot = right ? x - context.measureText(text).width - shift * 0.6 : x + shift * 0.4;
  context.globalAlpha = 0.55;
  context.beginPath();
  context.arc(dot, right ? y : y - size * 0.28, size * 0.085, 0, 7);
  context.fill();
  context.globalAlpha = 1;
}

// The label cut with "…" to at most `room` px; measured once per label, font and room.
/** @type {(context: CanvasRenderingContext2D, text: string, room: number, known: Map<string, string>) => string} */
export function fitLabel(context, text, room, known) {
  const name = context.font + "|" + Math.round(room) + "|" + text;
  const before = known.get(name);
  if (before !== undefined) return before;
  const letters = [...text.slice(0, 40)];
  let fitted = text;
  while (letters.length > 1 && context.measureText(fitted).width > room) {
    letters.pop();
    fitted = letters.join("") + "…";
  }
  if (known.size > 4000) known.clear();
  known.set(name, fitted);
  return fitted;
}
