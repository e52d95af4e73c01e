// The temperature: one slider for the whole page, and what it makes of the uncertainty, in numbers.

import { el, fmtNumber, fmtPercent, numbersOf, setAttr, setText } from "../../kit/dom.js";
import { createFigure } from "../../kit/panel.js";
import { createStepSlider, nearestStep } from "./live.js";

/** @import { Live, Page, Panel } from "./types.d.ts" */
/** @import { Shown } from "./types.d.ts" */

// Gives { update(picture) }; the slider belongs to `live`.
/** @type {(host: HTMLElement, api: Page, live: Live) => Panel} */
export function createTemperature(host, api, live) {
  let temperatures = [0, 1];
  const slider = createStepSlider(
    {
      label: api.str("playground.temperature"),
      hint: api.str("playground.temperature_hint"),
      testid: "temperature",
      name: "temperature",
      steps: () => temperatures,
      write: (value) => (value === 0 ? api.str("playground.limit") : fmtNumber(value, 2)),
    },
    live,
  );
  const presets = [0, 0.5, 1, 2, 5].map((value) =>
    el("button", {
      type: "button",
      class: "pill step",
      "data-testid": "t-" + value,
      text: "T = " + value,
      onclick: () => {
        live.drag("temperature", value);
        live.settle();
      },
    }),
  );
  const figures = ["entropy", "effective", "top"].map((name) =>
    createFigure(api.str(`playground.${name}`), api.str(`playground.${name}_hint`)),
  );
  const formula = el("span", { class: "formula mono", title: api.str("playground.formula_hint") });
  const kpis = el(
    "div",
    { class: "kpis" },
    figures.map((figure) => figure.node),
  );
  host.append(
    el(
      "div",
      { class: "panel heat" },
      el("div", { class: "heat-slider" }, slider.node, el("div", { class: "heat-steps" }, presets, formula)),
      kpis,
    ),
  );

  /** @param {Shown} picture */
  function update(picture) {
    const { soft } = picture.header;
    setAttr(kpis, "data-empty", !soft);
    if (soft) temperatures = soft.temperatures;
    slider.update();
    const wanted = live.get("temperature");
    setText(
      formula,
      wanted === 0 ? api.str("playground.formula_limit") : api.str("playground.formula", { t: fmtNumber(wanted, 2) }),
    );
    presets.forEach((button) => setAttr(button, "aria-pressed", String(button.textContent === "T = " + wanted)));
    if (!soft) return;
    const at = nearestStep(temperatures, wanted);
    const one = nearestStep(temperatures, 1);
    const changed = at !== one;
    /** @param {string} text */
    const plain = (text) => (changed ? api.str("playground.at_one", { value: text }) : "");
    const [entropy, effective] = [numbersOf(picture, "entropy"), numbersOf(picture, "effective")];
    const count = soft.rows.length;
    const probs = numbersOf(picture, "probs");
    /** @param {number} x */
    const choices = (x) => fmtNumber(x, x < 9.95 ? 1 : 0);
    const written = [
      [api.str("playground.bits", { bits: fmtNumber(entropy[at], 2) }), plain(fmtNumber(entropy[one], 2))],
      [choices(effective[at]), plain(choices(effective[one]))],
      [fmtPercent(probs[at * count]), plain(fmtPercent(probs[one * count]))],
    ];
    figures.forEach((figure, i) => {
      setText(figure.value, written[i][0]);
      setText(figure.quiet, written[i][1]);
    });
  }
  return { update };
}
