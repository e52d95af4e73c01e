// A part of the steps: drawn across the plot with mouse or finger, or typed; a double click and a button show all again.

import { clamp, el, setAttr, setStyle } from "../../kit/dom.js";

/** @import { Plot } from "../../kit/plot.js" */
/** @import { Page } from "./types.d.ts" */
/** @import { TrainingHeader } from "./message.d.ts" */

const LEAST = 8; // px that are drawn across: less is a tap

/** @type {(plot: Plot, api: Page) => { node: HTMLElement, update: (header: TrainingHeader) => void }} */
export function createZoom(plot, api) {
  const choose = (/** @type {number} */ from, /** @type {number} */ to) => {
    if (to - from >= 1) api.setView({ from_step: from, to_step: to });
  };
  const all = () => api.setView({ from_step: null, to_step: null });
  const [from, to] = ["from_step", "to_step"].map((name) => {
    const input = el("input", {
      type: "number",
      class: "mono",
      min: 0,
      step: 1,
      "data-testid": name,
      "aria-label": api.str(`training.field.${name}`),
      title: api.str(`training.hint.${name}`),
    });
    input.addEventListener("change", () => choose(Number(from.value), Number(to.value)));
    input.addEventListener("keydown", (event) => event.key !== "Escape" && event.stopPropagation());
    return input;
  });
  const back = el("button", {
    type: "button",
    class: "pick",
    "data-testid": "all-steps",
    text: api.str("live.all_steps"),
    onclick: all,
  });
  drawAcross(plot, choose);
  plot.node.addEventListener("dblclick", all);
  plot.node.title = api.str("live.draw_across");
  const word = el("span", { text: api.str("live.steps") });
  return {
    node: el("span", { class: "zoom", role: "group", "aria-label": api.str("live.zoom") }, word, from, "–", to, back),
    update: (header) => {
      const part = header.last_step > 0;
      const last = Math.max(header.steps, header.train.at(-1)?.[0] ?? 1);
      setAttr(back, "hidden", !part);
      const ends = part ? [header.first_step, header.last_step] : [0, last];
      [from, to].forEach((input, i) => {
        setAttr(input, "max", last);
        const typing = /** @type {ShadowRoot} */ (input.getRootNode()).activeElement === input;
        if (!typing && input.value !== String(ends[i])) input.value = String(ends[i]);
      });
    },
  };
}

// A finger that goes up or down scrolls the page as ever.
/** @type {(plot: Plot, choose: (from: number, to: number) => void) => void} */
function drawAcross({ node, across }, choose) {
  const band = el("div", { class: "zoom-band", hidden: true });
  node.append(band);
  /** @type {{ began: number | null }} */
  const memory = { began: null };
  const show = (/** @type {number} */ x) => {
    const { left, width } = node.getBoundingClientRect();
    const [low, high] = [memory.began ?? x, x].map((at) => clamp(at - left, 0, width)).sort((a, b) => a - b);
    setAttr(band, "hidden", high - low < LEAST);
    setStyle(band, "left", `${low}px`);
    setStyle(band, "width", `${high - low}px`);
  };
  node.addEventListener("pointerdown", (event) => {
    if (event.button !== 0 || !event.isPrimary || across(event.clientX) === null) return;
    memory.began = event.clientX;
    node.setPointerCapture(event.pointerId);
  });
  node.addEventListener("pointermove", (event) => {
    if (memory.began !== null) show(event.clientX);
  });
  node.addEventListener("pointerup", (event) => {
    const { began } = memory;
    memory.began = null;
    setAttr(band, "hidden", true);
    if (began === null || Math.abs(event.clientX - began) < LEAST) return;
    const [low, high] = [began, event.clientX].map((x) => Math.round(across(x) ?? 0)).sort((a, b) => a - b);
    choose(low, high);
  });
  node.addEventListener("pointercancel", () => {
    memory.began = null;
    setAttr(band, "hidden", true);
  });
}
