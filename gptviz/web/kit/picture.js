// What a panel shows as a picture to save: an SVG that stands alone, and the same as PNG. An SVG is copied with its computed styles
// written into it (style sheets do not travel); HTML is drawn box by box and line by line, as it was laid out, see boxes.js.

import { svg } from "./dom.js";
import { drawBoxes } from "./boxes.js";
import { plainColour } from "./theme.js";

/** @typedef {{ toSvg(): string, toBlob(done: BlobCallback): void }} Picture */

const COPIED = [
  "fill",
  "fill-opacity",
  "stroke",
  "stroke-width",
  "stroke-dasharray",
  "stroke-opacity",
  "stroke-linejoin",
  "vector-effect",
  "opacity",
  "paint-order",
  "display",
  "visibility",
  "font-family",
  "font-size",
  "font-weight",
  "font-style",
  "text-anchor",
  "text-decoration-line",
  "white-space",
];
const SCALE = 2; // pixels of a PNG for each of the page's
const MARGIN = 12;

// The picture of an element that lies on the page, on the colour of its card.
/** @type {(node: Element) => Picture} */
export function pictureOf(node) {
  const ground = getComputedStyle(node).getPropertyValue(node.closest(".card") ? "--panel" : "--bg");
  const toSvg = () => {
    const drawing = node instanceof SVGSVGElement ? copyOf(node) : drawBoxes(node, copyOf);
    return onGround(drawing, ground.trim(), MARGIN);
  };
  return { toSvg, toBlob: (done) => paint(toSvg(), done) };
}

// A drawing as a file, with a margin of its ground around it.
/** @type {(drawing: SVGElement, ground: string, margin: number) => string} */
export function onGround(drawing, ground, margin) {
  const [width, height] = ["width", "height"].map((name) => Number(drawing.getAttribute(name)) + 2 * margin);
  for (const [name, value] of Object.entries({ x: margin, y: margin, overflow: "visible" }))
    drawing.setAttribute(name, `${value}`);
  const whole = svg("svg", { width, height, viewBox: `0 0 ${width} ${height}` });
  whole.append(svg("rect", { width, height, fill: ground }), drawing);
  return new XMLSerializer().serializeToString(whole);
}

// A drawing with what the style sheets make of it.
/** @type {(source: SVGSVGElement) => SVGSVGElement} */
function copyOf(source) {
  const copy = /** @type {SVGSVGElement} */ (source.cloneNode(true));
  const [originals, copies] = [source, copy].map((node) => [node, ...node.querySelectorAll("*")]);
  copies.forEach((node, i) => {
    const style = getComputedStyle(originals[i]);
    const written = COPIED.map((name) => `${name}:${plainColour(style.getPropertyValue(name))}`);
    node.setAttribute("style", written.join(";"));
  });
  const { width, height } = source.getBoundingClientRect();
  copy.setAttribute("width", String(source.getAttribute("width") ?? width));
  copy.setAttribute("height", String(source.getAttribute("height") ?? height));
  return copy;
}

// `done` is given null where the browser cannot draw it.
/** @type {(text: string, done: BlobCallback) => void} */
function paint(text, done) {
  const image = new Image();
  image.onload = () => {
    const canvas = document.createElement("canvas");
    canvas.width = Math.round(image.naturalWidth * SCALE);
    canvas.height = Math.round(image.naturalHeight * SCALE);
    canvas.getContext("2d")?.drawImage(image, 0, 0, canvas.width, canvas.height);
    canvas.toBlob(done, "image/png");
  };
  image.onerror = () => done(null);
  image.src = "data:image/svg+xml;charset=utf-8," + encodeURIComponent(text);
}
