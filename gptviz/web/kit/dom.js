// Small helpers for building and updating the page. Every setter touches the DOM only when something changed,
// so a picture that arrives thirty times while someone types causes neither a flash nor a layout of what stayed the same.

/** @import { Blob, Numbers } from "../types.d.ts" */
/** @typedef {Record<string, unknown>} Attrs */
/** @typedef {Node | string | number | false | null | undefined} Child */
/** @typedef {Child | Child[]} Children */

const SVG_NAMESPACE = "http://www.w3.org/2000/svg";

// el("button", { class: "btn", text: "Step", "data-testid": "step", "aria-pressed": "false", onclick: f }, child, "text", null)
// `text` is set as text; `on…` with a function is listened to; false, null and undefined leave the attribute out, true makes it empty.
/** @type {<T extends keyof HTMLElementTagNameMap>(tag: T, attrs?: Attrs | null, ...children: Children[]) => HTMLElementTagNameMap[T]} */
export function el(tag, attrs, ...children) {
  return furnish(document.createElement(tag), attrs, children);
}

// The same for SVG elements: svg("path", { d: "M0 0L8 8" })
/** @type {<T extends keyof SVGElementTagNameMap>(tag: T, attrs?: Attrs | null, ...children: Children[]) => SVGElementTagNameMap[T]} */
export function svg(tag, attrs, ...children) {
  return furnish(document.createElementNS(SVG_NAMESPACE, tag), attrs, children);
}

/** @type {<E extends Element>(node: E, attrs: Attrs | null | undefined, children: Children[]) => E} */
function furnish(node, attrs, children) {
  for (const [name, value] of Object.entries(attrs || {})) {
    if (name === "text") node.textContent = value === null || value === undefined ? null : String(value);
    else if (typeof value === "function") node.addEventListener(name.slice(2), /** @type {EventListener} */ (value));
    else setAttr(node, name, value);
  }
  for (const child of children.flat())
    if (child !== null && child !== undefined && child !== false)
      node.append(typeof child === "number" ? String(child) : child);
  return node;
}

// Sets, changes or (false, null, undefined) removes an attribute.
/** @type {(node: Element, name: string, value: unknown) => void} */
export function setAttr(node, name, value) {
  if (value === false || value === null || value === undefined) {
    if (node.hasAttribute(name)) node.removeAttribute(name);
    return;
  }
  const text = value === true ? "" : String(value);
  if (node.getAttribute(name) !== text) node.setAttribute(name, text);
}

/** @type {(node: Node, text: unknown) => void} */
export function setText(node, text) {
  const wanted = text === null || text === undefined ? "" : String(text);
  if (node.textContent !== wanted) node.textContent = wanted;
}

/** @type {(node: Element, name: string, on: unknown) => void} */
export function setClass(node, name, on) {
  if (node.classList.contains(name) !== Boolean(on)) node.classList.toggle(name, Boolean(on));
}

/** @type {(node: ElementCSSInlineStyle, name: string, value: string) => void} */
export function setStyle(node, name, value) {
  if (node.style.getPropertyValue(name) !== value) node.style.setProperty(name, value);
}

// Makes `host` have exactly `count` children, making new ones by make(i) and dropping the last; gives the children.
/** @type {<E extends Element>(host: Element, count: number, make: (i: number) => E) => HTMLCollectionOf<E>} */
export function slots(host, count, make) {
  const made = /** @type {HTMLCollectionOf<ReturnType<typeof make>>} */ (host.children);
  while (made.length > count) host.lastElementChild?.remove();
  while (made.length < count) host.append(make(made.length));
  return made;
}

// What a node was made of, by its place.
/** @type {(node: Element) => HTMLElement[]} */
export function partsOf(node) {
  return /** @type {HTMLElement[]} */ ([...node.children]);
}

// The element of that kind in which an event began, or null.
/** @type {(event: Event, selector: string) => HTMLElement | null} */
export function within(event, selector) {
  return event.target instanceof Element ? event.target.closest(selector) : null;
}

// The array of a picture that is known to have come with it.
/** @type {(picture: { blob(name: string): Blob | null }, name: string) => Numbers} */
export function numbersOf(picture, name) {
  return picture.blob(name) ?? new Float32Array(0);
}

/** @type {(x: number, low: number, high: number) => number} */
export function clamp(x, low, high) {
  return Math.min(high, Math.max(low, x));
}

// x.toFixed(digits) for every x: from 1e21 on the browser's own gives up and writes a power.
/** @type {(x: number, digits?: number) => string} */
export function fixed(x, digits = 0) {
  if (Math.abs(x) < 1e21 || !Number.isFinite(x)) return x.toFixed(digits);
  return BigInt(x).toString() + (digits ? "." + "0".repeat(digits) : "");
}

// 0.118 → "11.8%"; 0 → "0%"; 0.0002 → "<0.1%"; 0.9999 → ">99.9%" (never a 0 or a 100 that is not one); null → "–"
/** @type {(p: number | null | undefined, digits?: number) => string} */
export function fmtPercent(p, digits = 1) {
  if (p === null || p === undefined || Number.isNaN(p)) return "–";
  if (!Number.isFinite(p)) return fmtNumber(p) + "%";
  if (p < 0) return "−" + fmtPercent(-p, digits);
  if (p === 0 || p === 1) return fmtNumber(p * 100) + "%";
  const text = Number(fixed(p * 100, digits));
  if (p < 1 && (text === 0 || text === 100)) {
    const step = Number(`1e-${digits}`);
    return text === 0 ? `<${fixed(step, digits)}%` : `>${fixed(100 - step, digits)}%`;
  }
  return fmtNumber(p * 100, digits) + "%";
}

// 16374 → "16,374"; (−1.336, 2) → "−1.34" with a true minus sign; null → "–"; ±Infinity → "∞"
/** @type {(x: number | null | undefined, digits?: number) => string} */
export function fmtNumber(x, digits = 0) {
  if (x === null || x === undefined || Number.isNaN(x)) return "–";
  if (!Number.isFinite(x)) return x < 0 ? "−∞" : "∞";
  const text = fixed(Math.abs(x), digits);
  const [whole, part] = text.split(".");
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ",") + (part ? "." + part : "");
  return (x < 0 && Number(text) !== 0 ? "−" : "") + grouped;
}

// As a language says large numbers (gptviz/i18n.py: large): 20.6 M, 2060 万. `units` is its list, smallest first, one a line:
// size, decimals, name. What is smaller than all of them is written whole.
/** @type {(count: number, units: string) => string} */
export function fmtLarge(count, units) {
  const all = units.split("\n").filter((line) => line.trim());
  const unit = all.map((line) => line.trim().split(/\s+/)).findLast(([size]) => count >= Number(size));
  if (!unit) return fmtNumber(count);
  const value = fixed(count / Number(unit[0]), Number(unit[1]));
  return (value.includes(".") ? value.replace(/\.?0+$/, "") : value) + " " + unit[2];
}

// Fills a string of the interface as gptviz/i18n.py does: {name} with a value, {name|token|tokens} with the first word where that
// value is written "1", else with the second. A blank whose value is missing stays; without any values so does everything.
const BLANK = /\{(\w+)(?:\|([^|{}]*)\|([^|{}]*))?\}/g;
/** @type {(text: string, values?: Record<string, unknown>) => string} */
export function fillIn(text, values = {}) {
  if (Object.keys(values).length === 0) return text;
  return text.replace(BLANK, (whole, name, one, many) => {
    const value = Object.hasOwn(values, name) ? String(values[name]) : null;
    if (one !== undefined) return value === "1" ? one : many;
    return value ?? whole;
  });
}
