// HTML as SVG: every box with its ground and its lines, every line of text where the browser has set it. What is cut off at the edge
// of a box is cut off here too; buttons of the menu, sliders and what is hidden are left out.

import { svg } from "./dom.js";
import { plainColour } from "./theme.js";

/** @typedef {{ left: number, top: number, width: number, height: number }} Box */
/** @typedef {{ left: number, top: number, defs: SVGElement, drawn: (source: SVGSVGElement) => SVGSVGElement }} Sheet */

const LEFT_OUT = ".more, dialog, input[type=range], input[type=checkbox], .visually-hidden, .editor";
const SIDES = /** @type {const} */ (["top", "right", "bottom", "left"]);
const CLEAR = /^(transparent|rgba\(0, 0, 0, 0\)|color\(srgb [\d. ]+ \/ 0\))$/;
const COLOUR = /(?:rgba?|color)\([^)]*\)/g;
/** @type {{ context: CanvasRenderingContext2D | null }} */
const MEASURE = { context: null };

// A drawing of `root` as large as all that it holds; `drawn` copies the drawings within it.
/** @type {(root: Element, drawn: Sheet["drawn"]) => SVGSVGElement} */
export function drawBoxes(root, drawn) {
  const { left, top, width, height } = root.getBoundingClientRect();
  const defs = svg("defs");
  const sheet = { left: left - root.scrollLeft, top: top - root.scrollTop, defs, drawn };
  const whole = [Math.max(width, root.scrollWidth), Math.max(height, root.scrollHeight)];
  const drawing = svg("svg", { width: Math.ceil(whole[0]), height: Math.ceil(whole[1]) }, defs);
  drawBox(sheet, root, drawing, true);
  return drawing;
}

/** @type {(sheet: Sheet, node: Element, into: SVGElement, whole?: boolean) => void} */
function drawBox(sheet, node, into, whole = false) {
  const style = getComputedStyle(node);
  if (node.matches(LEFT_OUT) || isFolded(node) || style.display === "none" || style.opacity === "0") return;
  const group = style.opacity === "1" ? into : svg("g", { opacity: style.opacity });
  if (group !== into) into.append(group);
  const box = placed(sheet, node.getBoundingClientRect());
  // what runs on over several lines has a ground on each of them
  const boxes = style.display === "inline" ? [...node.getClientRects()].map((rect) => placed(sheet, rect)) : [box];
  if (style.visibility === "visible" && !whole) for (const part of boxes) paintBox(sheet, part, style, group);
  const inner = whole || style.overflow === "visible" ? group : clipped(sheet, box, group);
  drawPseudo(sheet, node, "::before", box, inner);
  for (const child of node.childNodes) drawChild(sheet, child, style, inner);
  if (node instanceof HTMLSelectElement) sayValue(node.selectedOptions[0]?.text ?? "", box, style, inner);
  if (node instanceof HTMLInputElement) sayValue(node.value, box, style, inner);
  drawPseudo(sheet, node, "::after", box, inner);
}

// What is folded away has been laid out all the same.
/** @type {(node: Element) => boolean} */
function isFolded(node) {
  const around = node.parentElement;
  return around instanceof HTMLDetailsElement && !around.open && !node.matches("summary");
}

/** @type {(sheet: Sheet, child: Node, style: CSSStyleDeclaration, into: SVGElement) => void} */
function drawChild(sheet, child, style, into) {
  if (child instanceof Text) {
    if (style.visibility === "visible") drawText(sheet, child, style, into);
  } else if (child instanceof SVGSVGElement) {
    const { left, top, width, height } = placed(sheet, child.getBoundingClientRect());
    const copy = sheet.drawn(child);
    for (const [name, value] of Object.entries({ x: left, y: top, width, height })) copy.setAttribute(name, `${value}`);
    into.append(copy);
  } else if (child instanceof HTMLCanvasElement) {
    const { left, top, width, height } = placed(sheet, child.getBoundingClientRect());
    into.append(svg("image", { x: left, y: top, width, height, href: child.toDataURL() }));
  } else if (child instanceof Element && !(child instanceof HTMLOptionElement)) drawBox(sheet, child, into);
}

/** @type {(sheet: Sheet, box: Box) => Box} */
function placed(sheet, { left, top, width, height }) {
  return { left: left - sheet.left, top: top - sheet.top, width, height };
}

/** @type {(sheet: Sheet, box: Box, into: SVGElement) => SVGElement} */
function clipped({ defs }, { left, top, width, height }, into) {
  const id = "clip" + defs.childElementCount;
  defs.append(svg("clipPath", { id }, svg("rect", { x: left, y: top, width, height })));
  const group = svg("g", { "clip-path": `url(#${id})` });
  into.append(group);
  return group;
}

// Ground, shadow that is a line, and lines round a box.
/** @type {(sheet: Sheet, box: Box, style: CSSStyleDeclaration, into: SVGElement) => void} */
function paintBox(sheet, { left, top, width, height }, style, into) {
  if (!width || !height) return;
  const rx = Math.min(Number.parseFloat(style.borderTopLeftRadius) || 0, width / 2, height / 2);
  /** @type {(inset: number, attrs: Record<string, unknown>) => void} */
  const rect = (inset, attrs) => {
    const size = { width: Math.max(0, width - 2 * inset), height: Math.max(0, height - 2 * inset) };
    into.append(svg("rect", { x: left + inset, y: top + inset, ...size, rx, ...attrs }));
  };
  if (!CLEAR.test(style.backgroundColor)) rect(0, { fill: plainColour(style.backgroundColor) });
  if (style.backgroundImage.includes("gradient(")) rect(0, { fill: gradient(sheet, style.backgroundImage) });
  const line = /^((?:rgba?|color)\([^)]*\)) 0px 0px 0px ([\d.]+)px( inset)?/.exec(style.boxShadow);
  if (line) outline(rect, Number(line[2]) * (line[3] ? 1 : -1), line[1]);
  const widths = SIDES.map((side) => borderWidth(style, side));
  if (widths.every((width) => width > 0 && width === widths[0])) outline(rect, widths[0], style.borderTopColor);
  else drawSides({ left, top, width, height }, widths, style, into);
}

/** @type {(rect: (inset: number, attrs: Record<string, unknown>) => void, width: number, colour: string) => void} */
function outline(rect, width, colour) {
  rect(width / 2, { fill: "none", stroke: plainColour(colour), "stroke-width": Math.abs(width) });
}

/** @type {(style: CSSStyleDeclaration, side: string) => number} */
function borderWidth(style, side) {
  const [colour, kind] = [
    style.getPropertyValue(`border-${side}-color`),
    style.getPropertyValue(`border-${side}-style`),
  ];
  return kind === "none" || CLEAR.test(colour) ? 0 : Number.parseFloat(style.getPropertyValue(`border-${side}-width`));
}

/** @type {(box: Box, widths: number[], style: CSSStyleDeclaration, into: SVGElement) => void} */
function drawSides({ left, top, width, height }, widths, style, into) {
  const [right, bottom] = [left + width, top + height];
  const paths = [
    `M${left} ${top + widths[0] / 2}H${right}`,
    `M${right - widths[1] / 2} ${top}V${bottom}`,
    `M${left} ${bottom - widths[2] / 2}H${right}`,
    `M${left + widths[3] / 2} ${top}V${bottom}`,
  ];
  SIDES.forEach((side, i) => {
    const stroke = plainColour(style.getPropertyValue(`border-${side}-color`));
    const dashes = style.getPropertyValue(`border-${side}-style`) === "solid" ? null : "2 2";
    if (widths[i])
      into.append(svg("path", { d: paths[i], stroke, "stroke-width": widths[i], "stroke-dasharray": dashes }));
  });
}

// Hatching in two colours, or a ramp from left to right; further kinds of gradients there are none.
/** @type {(sheet: Sheet, image: string) => string} */
function gradient({ defs }, image) {
  const id = "ground" + defs.childElementCount;
  const colours = (image.match(COLOUR) ?? []).map(plainColour);
  if (image.startsWith("repeating")) {
    const every = Number(/ ([\d.]+)px\)?$/.exec(image)?.[1] ?? 8);
    const place = { id, width: every, height: every, patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)" };
    const stripe = (/** @type {number} */ x, /** @type {string | undefined} */ fill) =>
      svg("rect", { x, width: every / 2, height: every, fill: fill ?? "none" });
    defs.append(svg("pattern", place, stripe(0, colours[0]), stripe(every / 2, colours.at(-1))));
  } else {
    const stops = colours.map((colour, i) =>
      svg("stop", { offset: i / Math.max(1, colours.length - 1), "stop-color": colour }),
    );
    defs.append(svg("linearGradient", { id }, stops));
  }
  return `url(#${id})`;
}

// What a style sheet adds within a box has no place of its own to ask for; where it is set by its edges, they are told.
/** @type {(sheet: Sheet, node: Element, which: string, around: Box, into: SVGElement) => void} */
function drawPseudo(sheet, node, which, around, into) {
  const style = getComputedStyle(node, which);
  if (style.content === "none" || style.content === "normal" || style.position !== "absolute") return;
  const [left, top, width, height] = [style.left, style.top, style.width, style.height].map(Number.parseFloat);
  if (![left, top, width, height].every(Number.isFinite)) return;
  const box = { left: around.left + left, top: around.top + top, width, height };
  paintBox(sheet, box, style, into);
  sayValue(style.content.replace(/^"|"$/g, ""), box, style, into);
}

/** @type {(text: string, box: Box, style: CSSStyleDeclaration, into: SVGElement) => void} */
function sayValue(text, { left, top, height }, style, into) {
  if (!text.trim()) return;
  const x = left + (Number.parseFloat(style.paddingLeft) || 0);
  const size = Number.parseFloat(style.fontSize);
  into.append(textAt(text, { left: x, top: top + (height - size * 1.2) / 2, width: 0, height: size * 1.2 }, style));
}

// Each line of a text apart.
/** @type {(sheet: Sheet, node: Text, style: CSSStyleDeclaration, into: SVGElement) => void} */
function drawText(sheet, node, style, into) {
  if (!node.data.trim()) return;
  const range = document.createRange();
  range.selectNodeContents(node);
  const rects = range.getClientRects();
  if (rects.length === 1) {
    into.append(textAt(shownText(node.data, style), placed(sheet, rects[0]), style));
    return;
  }
  for (const { text, box } of linesOf(node, range))
    into.append(textAt(shownText(text, style), placed(sheet, box), style));
}

/** @type {(text: string, style: CSSStyleDeclaration) => string} */
function shownText(text, style) {
  return style.whiteSpace.startsWith("pre") ? text.replace(/\n/g, "") : text.replace(/\s+/g, " ");
}

/** @type {(node: Text, range: Range) => { text: string, box: Box }[]} */
function linesOf(node, range) {
  /** @type {{ text: string, box: Box }[]} */
  const lines = [];
  let at = 0;
  for (const letter of node.data) {
    range.setStart(node, at);
    at += letter.length;
    range.setEnd(node, at);
    const { left, top, width, height, right } = range.getBoundingClientRect();
    const line = lines.at(-1);
    if (!width) continue;
    if (line && Math.abs(line.box.top - top) < height / 2 && left >= line.box.left) {
      line.text += letter;
      line.box.width = right - line.box.left;
    } else lines.push({ text: letter, box: { left, top, width, height } });
  }
  return lines;
}

// As wide as the browser set it, whichever font the picture is looked at with.
/** @type {(text: string, box: Box, style: CSSStyleDeclaration) => SVGElement} */
function textAt(text, { left, top, width, height }, style) {
  const size = Number.parseFloat(style.fontSize);
  const written = `font:${style.fontStyle} ${style.fontWeight} ${style.fontSize} ${style.fontFamily};white-space:pre`;
  const line = style.textDecorationLine;
  return svg("text", {
    x: left,
    y: top + ascent(style, size, height),
    fill: plainColour(style.color),
    textLength: width > 0 ? width.toFixed(2) : null,
    lengthAdjust: width > 0 ? "spacingAndGlyphs" : null,
    "text-decoration": line === "none" ? null : line,
    style: written,
    text,
  });
}

/** @type {(style: CSSStyleDeclaration, size: number, height: number) => number} */
function ascent(style, size, height) {
  MEASURE.context ??= document.createElement("canvas").getContext("2d");
  if (!MEASURE.context) return size;
  MEASURE.context.font = `${style.fontStyle} ${style.fontWeight} ${style.fontSize} ${style.fontFamily}`;
  const { fontBoundingBoxAscent: above, fontBoundingBoxDescent: below } = MEASURE.context.measureText("x");
  return above + (height - above - below) / 2;
}
