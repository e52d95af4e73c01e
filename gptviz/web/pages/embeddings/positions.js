// Positions compared: every two of them as a square of colour, the formula, and a pair of numbers that turns along the text.

import { el, fmtNumber, numbersOf, setAttr, setText, slots, svg } from "../../kit/dom.js";
import { createHead, spacer } from "../../kit/panel.js";
import { createSlider } from "../../kit/slider.js";
import { fitCanvas, signedWord } from "../../kit/theme.js";

/** @import { Page, Panel, Shown } from "./types.d.ts" */
/** @import { Positions } from "./message.d.ts" */
/** @import { Table } from "../../types.d.ts" */

const RADIUS = 44;

/** @type {(host: HTMLElement, api: Page) => Panel} */
export function createPositions(host, api) {
  /** @type {{ picture: Shown | null }} */
  const state = { picture: null };
  const schemes = el("span", { class: "switch", role: "group", "aria-label": api.str("embeddings.schemes") });
  const canvas = el("canvas", { class: "similarity", role: "img", "data-testid": "similarity" });
  const box = el("div", { class: "similarity-box" }, canvas);
  const formula = el("p", { class: "formula mono", "data-testid": "formula" });
  const said = el("p", { class: "hint position-said", "data-testid": "position-said" });
  const pointed = el("p", { class: "pointed mono" });
  const circle = createCircle(api);
  const more = api.menu({
    title: api.str("embeddings.positions"),
    reading: () => state.picture?.header.positions?.reading ?? api.str("empty.hint"),
    python: () => state.picture?.header.positions?.python ?? "",
    table: () => similarityTable(state.picture, api),
    picture: () => (state.picture?.header.positions ? body : null),
  });
  const body = el(
    "div",
    { class: "position-body" },
    el("div", { class: "position-top" }, box, el("div", { class: "position-words edged" }, formula, pointed, said)),
    circle.node,
  );
  host.append(createHead(api.str("embeddings.positions"), spacer(), schemes, more), body);
  const draw = () => state.picture && paint(canvas, box, state.picture);
  api.onResize(box, draw);
  canvas.addEventListener("pointermove", (event) => {
    if (state.picture) setText(pointed, cellAt(state.picture, canvas, event, api));
  });
  canvas.addEventListener("pointerleave", () => setText(pointed, ""));

  /** @param {Shown} picture */
  function update(picture) {
    state.picture = picture;
    const { positions } = picture.header;
    setAttr(body, "hidden", !positions);
    if (!positions) return;
    drawSchemes(schemes, positions, api);
    setText(formula, api.str("embeddings.formula." + positions.scheme));
    setText(said, positions.reading);
    setAttr(canvas, "aria-label", positions.reading);
    setAttr(canvas, "data-scheme", positions.scheme);
    circle.update(picture, positions);
    draw();
  }
  return { update };
}

// The ways to tell positions; the model's own is marked.
/** @type {(host: HTMLElement, positions: Positions, api: Page) => void} */
function drawSchemes(host, positions, api) {
  const made = slots(host, positions.schemes.length, () => el("button", { type: "button" }));
  positions.schemes.forEach((name, i) => {
    const button = made[i];
    const own = name === positions.own_scheme;
    setText(button, api.str("embeddings.scheme." + name) + (own ? " ●" : ""));
    setAttr(button, "data-testid", "scheme-" + name);
    setAttr(button, "title", api.str(own ? "embeddings.scheme_own" : "embeddings.scheme_other"));
    setAttr(button, "aria-pressed", String(name === positions.scheme));
    /** @type {HTMLElement} */ (button).onclick = () => api.setView({ scheme: own ? "own" : name });
  });
}

/** @type {(canvas: HTMLCanvasElement, box: HTMLElement, picture: Shown) => void} */
function paint(canvas, box, picture) {
  const { positions } = picture.header;
  const side = Math.floor(Math.min(box.clientWidth, box.clientHeight));
  if (!positions || side < 8) return;
  const values = numbersOf(picture, "similarity");
  const count = positions.shown.length;
  const image = new ImageData(count, count);
  const words = new Uint32Array(image.data.buffer);
  for (let i = 0; i < words.length; i += 1) words[i] = signedWord(picture.theme, values[i], 1);
  const small = document.createElement("canvas");
  [small.width, small.height] = [count, count];
  small.getContext("2d")?.putImageData(image, 0, 0);
  const context = fitCanvas(canvas, side, side);
  context.imageSmoothingEnabled = false;
  context.drawImage(small, 0, 0, side, side);
}

/** @type {(picture: Shown, canvas: HTMLCanvasElement, event: PointerEvent, api: Page) => string} */
function cellAt(picture, canvas, event, api) {
  const { positions } = picture.header;
  if (!positions) return "";
  const count = positions.shown.length;
  const { width, height } = canvas.getBoundingClientRect();
  const [row, column] = [event.offsetY / height, event.offsetX / width].map((share) =>
    Math.min(count - 1, Math.max(0, Math.floor(share * count))),
  );
  return api.str("embeddings.two", {
    one: fmtNumber(positions.shown[row]),
    other: fmtNumber(positions.shown[column]),
    value: fmtNumber(numbersOf(picture, "similarity")[row * count + column], 3),
  });
}

// The turning pair: one pair of a query's numbers, from (1, 0) at position 0 on, as far as the slider says.
/** @type {(api: Page) => { node: HTMLElement, update: (picture: Shown, positions: Positions) => void }} */
function createCircle(api) {
  const arm = svg("line", { x1: 0, y1: 0, class: "arm" });
  const tip = svg("circle", { r: 5, class: "tip" });
  const arc = svg("path", { class: "turned" });
  const dots = svg("g", { class: "stops" });
  const drawing = svg(
    "svg",
    { viewBox: "-58 -58 116 116", class: "circle", role: "img", "data-testid": "circle" },
    svg("circle", { r: RADIUS, class: "rim" }),
    svg("line", { x1: -RADIUS, y1: 0, x2: RADIUS, y2: 0, class: "axis" }),
    svg("line", { x1: 0, y1: -RADIUS, x2: 0, y2: RADIUS, class: "axis" }),
    dots,
    arc,
    arm,
    tip,
  );
  /** @type {Positions | null} */
  let shown = null;
  const turn = createSlider({
    testid: "turn",
    label: api.str("embeddings.turn"),
    range: { min: 0, max: 1, step: 1 },
    write: (value) => api.str("embeddings.at", { pos: fmtNumber(value), label: shown?.labels[value ?? 0] ?? "" }),
    input: (value) => api.setView({ turn: value }),
  });
  const plane = createSlider({
    testid: "plane",
    label: api.str("embeddings.plane"),
    range: { min: 0, max: 1, step: 1 },
    write: (value) => fmtNumber((value ?? 0) + 1),
    input: (value) => api.setView({ plane: value }),
  });
  const told = el("p", { class: "turn-told mono", "data-testid": "turn-told" });
  const node = el(
    "div",
    { class: "turning" },
    drawing,
    el(
      "div",
      { class: "turn-side" },
      el("h3", { text: api.str("embeddings.turning"), title: api.str("embeddings.turning_hint") }),
      el("label", { class: "slider" }, el("span", { text: api.str("embeddings.turn") }), turn.input, turn.output),
      el("label", { class: "slider" }, el("span", { text: api.str("embeddings.plane") }), plane.input, plane.output),
      told,
    ),
  );
  dragged(drawing, () => shown, api);
  return {
    node,
    update: (picture, positions) => {
      shown = positions;
      const angles = numbersOf(picture, "turns");
      const [at, pair] = [positions.turn, positions.plane];
      turn.span(0, Math.max(1, positions.labels.length - 1, at));
      turn.show(at);
      plane.span(0, Math.max(1, angles.length - 1));
      plane.show(pair);
      const angle = angles[pair] * at;
      drawTurn({ arm, tip, arc, dots }, angles[pair], at, positions.labels.length);
      const said = api.str("embeddings.turned", {
        pair: fmtNumber(pair + 1),
        pairs: fmtNumber(angles.length),
        theta: fmtNumber(angles[pair], angles[pair] < 0.01 ? 6 : 4),
        pos: fmtNumber(at),
        angle: fmtNumber(angle, 2),
        x: fmtNumber(Math.cos(angle), 2),
        y: fmtNumber(Math.sin(angle), 2),
      });
      setText(told, said);
      setAttr(drawing, "aria-label", said);
    },
  };
}

/** @type {(parts: { arm: Element, tip: Element, arc: Element, dots: Element }, theta: number, at: number, count: number) => void} */
function drawTurn({ arm, tip, arc, dots }, theta, at, count) {
  /** @type {(angle: number, r: number) => [string, string]} */
  const place = (angle, r) => [(Math.cos(angle) * r).toFixed(2), (-Math.sin(angle) * r).toFixed(2)];
  const [x, y] = place(theta * at, RADIUS);
  setAttr(arm, "x2", x);
  setAttr(arm, "y2", y);
  setAttr(tip, "cx", x);
  setAttr(tip, "cy", y);
  const steps = Math.min(400, Math.max(2, Math.ceil(theta * at * 12)));
  const path = Array.from({ length: steps + 1 }, (_, i) => {
    const share = i / steps;
    return (i ? "L" : "M") + place(theta * at * share, 12 + 22 * share).join(" ");
  });
  setAttr(arc, "d", path.join(""));
  const stops = slots(dots, Math.min(64, count), () => svg("circle", { r: 2 }));
  Array.from(stops).forEach((dot, pos) => {
    const [left, top] = place(theta * pos, RADIUS);
    setAttr(dot, "cx", left);
    setAttr(dot, "cy", top);
  });
}

// The tip follows the pointer to the position of the text whose turn is nearest.
/** @type {(drawing: SVGSVGElement, shown: () => Positions | null, api: Page) => void} */
function dragged(drawing, shown, api) {
  let held = false;
  /** @param {PointerEvent} event */
  const follow = (event) => {
    const positions = shown();
    const picture = api.picture();
    if (!positions || !picture) return;
    const { left, top, width, height } = drawing.getBoundingClientRect();
    const wanted = Math.atan2(-(event.clientY - top - height / 2), event.clientX - left - width / 2);
    const theta = numbersOf(picture, "turns")[positions.plane];
    let [best, least] = [0, Infinity];
    for (let pos = 0; pos < Math.max(1, positions.labels.length); pos += 1) {
      const apart = Math.abs(Math.atan2(Math.sin(theta * pos - wanted), Math.cos(theta * pos - wanted)));
      if (apart < least - 1e-9) [best, least] = [pos, apart];
    }
    if (best !== positions.turn) api.setView({ turn: best });
  };
  drawing.addEventListener("pointerdown", (event) => {
    held = true;
    drawing.setPointerCapture(event.pointerId);
    follow(event);
  });
  drawing.addEventListener("pointermove", (event) => held && follow(event));
  for (const name of ["pointerup", "pointercancel"]) drawing.addEventListener(name, () => (held = false));
}

/** @type {(picture: Shown | null, api: Page) => Table} */
function similarityTable(picture, api) {
  const positions = picture?.header.positions;
  if (!picture || !positions) return { columns: [], rows: [] };
  const values = numbersOf(picture, "similarity");
  const count = positions.shown.length;
  return {
    columns: [api.str("embeddings.column.position"), ...positions.shown.map(String)],
    rows: positions.shown.map((pos, i) => [pos, ...values.subarray(i * count, (i + 1) * count)]),
  };
}
