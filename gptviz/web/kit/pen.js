// A canvas's picture to save, as SVG and as PNG: the same function paints both. The pen below has what our paintings ask of a canvas's
// context and writes SVG; what is itself an image (thousands of cells) stays one, enlarged without blur.

import { svg } from "./dom.js";
import { onGround } from "./picture.js";
import { fitCanvas } from "./theme.js";

/** @import { Picture } from "./picture.js" */

const SCALE = 2; // pixels of a PNG for each of the page's

// `paint` paints on a context in CSS pixels, over a ground that is there.
/** @type {(width: number, height: number, ground: string, paint: (context: CanvasRenderingContext2D) => void) => Picture} */
export function paintedPicture(width, height, ground, paint) {
  return {
    toSvg: () => {
      const pen = new Pen(width, height);
      paint(/** @type {CanvasRenderingContext2D} */ (/** @type {unknown} */ (pen)));
      return onGround(pen.drawing, ground, 0);
    },
    toBlob: (done) => {
      const canvas = document.createElement("canvas");
      const context = fitCanvas(canvas, width, height, SCALE);
      context.fillStyle = ground;
      context.fillRect(0, 0, width, height);
      paint(context);
      canvas.toBlob(done, "image/png");
    },
  };
}

const STYLE = /** @type {const} */ ([
  "fillStyle",
  "strokeStyle",
  "lineWidth",
  "globalAlpha",
  "font",
  "textAlign",
  "textBaseline",
  "imageSmoothingEnabled",
]);
const ANCHORS = { left: "start", start: "start", center: "middle", right: "end", end: "end" };
const MIDDLE = 0.35; // of a font's size: from the baseline to the middle of its letters

class Pen {
  fillStyle = "#000000";
  strokeStyle = "#000000";
  lineWidth = 1;
  globalAlpha = 1;
  font = "10px sans-serif";
  /** @type {CanvasTextAlign} */
  textAlign = "start";
  /** @type {CanvasTextBaseline} */
  textBaseline = "alphabetic";
  imageSmoothingEnabled = true;

  /** @param {number} width @param {number} height */
  constructor(width, height) {
    this.drawing = svg("svg", { width, height, viewBox: `0 0 ${width} ${height}` });
    /** @type {SVGElement} */
    this.group = this.drawing;
    /** @type {{ group: SVGElement, style: Record<string, unknown> }[]} */
    this.saved = [];
    /** @type {string[]} */
    this.path = [];
    this.clips = 0;
    this.ruler = /** @type {CanvasRenderingContext2D} */ (document.createElement("canvas").getContext("2d"));
  }

  save() {
    this.saved.push({ group: this.group, style: Object.fromEntries(STYLE.map((name) => [name, this[name]])) });
  }

  restore() {
    const { group, style } = this.saved.pop() ?? { group: this.drawing, style: {} };
    this.group = group;
    Object.assign(this, style);
  }

  /** @param {number} x @param {number} y */
  translate(x, y) {
    this.within({ transform: `translate(${short(x)} ${short(y)})` });
  }

  /** @param {number} angle radians */
  rotate(angle) {
    this.within({ transform: `rotate(${short((angle * 180) / Math.PI)})` });
  }

  clip() {
    this.clips += 1;
    const id = "clip-" + this.clips;
    this.group.append(svg("clipPath", { id }, svg("path", { d: this.path.join("") })));
    this.within({ "clip-path": `url(#${id})` });
  }

  beginPath() {
    this.path = [];
  }

  /** @param {number} x @param {number} y */
  moveTo(x, y) {
    this.path.push(`M${short(x)} ${short(y)}`);
  }

  /** @param {number} x @param {number} y */
  lineTo(x, y) {
    this.path.push(`L${short(x)} ${short(y)}`);
  }

  /** @param {number} x @param {number} y @param {number} wide @param {number} high */
  rect(x, y, wide, high) {
    this.path.push(`M${short(x)} ${short(y)}h${short(wide)}v${short(high)}h${short(-wide)}Z`);
  }

  // Whole circles only.
  /** @param {number} x @param {number} y @param {number} r */
  arc(x, y, r) {
    const half = `a${short(r)} ${short(r)} 0 1 0`;
    this.path.push(`M${short(x - r)} ${short(y)}${half} ${short(2 * r)} 0${half} ${short(-2 * r)} 0Z`);
  }

  fill() {
    this.add("path", { d: this.path.join(""), fill: this.fillStyle });
  }

  stroke() {
    this.add("path", { d: this.path.join(""), ...this.line() });
  }

  /** @param {number} x @param {number} y @param {number} width @param {number} height */
  fillRect(x, y, width, height) {
    this.add("rect", { x: short(x), y: short(y), width: short(width), height: short(height), fill: this.fillStyle });
  }

  /** @param {number} x @param {number} y @param {number} width @param {number} height */
  strokeRect(x, y, width, height) {
    this.add("rect", { x: short(x), y: short(y), width: short(width), height: short(height), ...this.line() });
  }

  /** @param {string} text @param {number} x @param {number} y */
  fillText(text, x, y) {
    const size = Number.parseFloat(/([\d.]+)px/.exec(this.font)?.[1] ?? "10");
    const down = this.textBaseline === "middle" ? MIDDLE * size : 0;
    const anchor = ANCHORS[this.textAlign];
    const style = `font:${this.font};white-space:pre`;
    this.add("text", { x: short(x), y: short(y + down), fill: this.fillStyle, "text-anchor": anchor, style, text });
  }

  /** @param {string} text */
  measureText(text) {
    this.ruler.font = this.font;
    return this.ruler.measureText(text);
  }

  // The whole image to a place, or a part of it, as a canvas has it.
  /** @param {HTMLCanvasElement} image @param {number[]} numbers */
  drawImage(image, ...numbers) {
    const [x, y, width, height] = numbers.slice(-4).map(short);
    const [left, top, wide, high] = numbers.length === 8 ? numbers : [0, 0, image.width, image.height];
    const part = document.createElement("canvas");
    [part.width, part.height] = [wide, high];
    part.getContext("2d")?.drawImage(image, left, top, wide, high, 0, 0, wide, high);
    const style = this.imageSmoothingEnabled ? null : "image-rendering:pixelated";
    this.add("image", { href: part.toDataURL(), x, y, width, height, preserveAspectRatio: "none", style });
  }

  line() {
    return { fill: "none", stroke: this.strokeStyle, "stroke-width": this.lineWidth };
  }

  /** @param {Record<string, string>} attrs */
  within(attrs) {
    const group = svg("g", attrs);
    this.group.append(group);
    this.group = group;
  }

  /** @param {"rect" | "path" | "text" | "image"} tag @param {Record<string, unknown>} attrs */
  add(tag, attrs) {
    this.group.append(svg(tag, { ...attrs, opacity: this.globalAlpha < 1 ? this.globalAlpha : null }));
  }
}

/** @type {(x: number) => number} */
function short(x) {
  return Math.round(x * 100) / 100;
}
