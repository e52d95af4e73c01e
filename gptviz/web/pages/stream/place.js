// Which position and which row are looked at, as this browser holds them: a late picture never moves them.

import { clamp, el, setAttr } from "../../kit/dom.js";
import { parseColour } from "../../kit/theme.js";

/** @import { Drawn, Page, Place, Shown } from "./types.d.ts" */

// A picture in which all parts are there; null where there is no text.
/** @type {(picture: Drawn) => Shown | null} */
export function shownOf(picture) {
  return picture.header.ids.length && picture.header.sizes ? /** @type {Shown} */ (picture) : null;
}

/** @type {(picture: Shown, api: Page) => Place} */
export function placeOf({ header }, api) {
  const { pos, layer, embed } = api.view();
  const last = header.ids.length - 1;
  const most = header.sizes.n_layer;
  return { pos: clamp(pos ?? last, 0, last), stage: embed ? 0 : clamp(layer + 1, 1, most) };
}

// Look at another place; the last position is none in particular, so that it goes on with the text.
/** @type {(picture: Shown, api: Page, place: Place) => void} */
export function goTo({ header }, api, { stage, pos }) {
  const last = header.ids.length - 1;
  const layer = stage > 0 ? stage - 1 : api.view().layer;
  const moved = layer === api.view().layer ? {} : { neuron: null };
  api.setView({ pos: pos >= last ? null : pos, layer, embed: stage === 0, first: header.lens.first, ...moved });
}

// The arrow keys as steps: [rows, columns]; null for other keys.
/** @type {(event: KeyboardEvent) => [number, number] | null} */
export function stepOf(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return null;
  /** @type {Record<string, [number, number]>} */
  const steps = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
  return steps[event.key] ?? null;
}

// A few words of which one is on: buttons side by side that set a control.
/** @type {(api: Page, name: string, label: string, words: Record<string, string>) => { node: HTMLElement, show: () => void }} */
export function createSwitch(api, name, label, words) {
  const buttons = Object.entries(words).map(([value, text]) =>
    el("button", {
      type: "button",
      "data-testid": `${name}-${value}`,
      text,
      onclick: () => api.setView({ [name]: value }),
    }),
  );
  const node = el("div", { class: "switch", role: "group", "aria-label": label }, buttons);
  const show = () => {
    const now = /** @type {Record<string, unknown>} */ (api.view())[name];
    Object.keys(words).forEach((value, i) => setAttr(buttons[i], "aria-pressed", String(value === now)));
  };
  return { node, show };
}

// What a row of the lens is called: before the first block, then after each.
/** @type {(api: Page, stage: number) => string} */
export function rowName(api, stage) {
  return stage === 0 ? api.str("stream.row_embed") : api.str("stream.row", { layer: stage - 1 });
}

/** @type {Map<string, string>} */
const INKS = new Map();

// Black or white, whichever has more contrast on a colour: small words on any step of a scale reach 4.5 to 1 (WCAG 2, 1.4.3).
/** @type {(colour: string) => string} */
export function smallInkOn(colour) {
  let ink = INKS.get(colour);
  if (ink === undefined) {
    const [red, green, blue] = (parseColour(colour) ?? [255, 255, 255]).map((channel) => {
      const share = channel / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    const light = 0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05;
    ink = light / 0.05 > 1.05 / light ? "#000000" : "#ffffff";
    INKS.set(colour, ink);
  }
  return ink;
}
