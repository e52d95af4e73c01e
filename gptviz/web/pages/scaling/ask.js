// If you had N and D: what the law predicts as the sum that it is, what that costs, and how the same cost is spent best.

import { el, fmtNumber, setAttr, setText } from "../../kit/dom.js";
import { fmtScientific } from "../../kit/numbers.js";
import { createHead, spacer } from "../../kit/panel.js";
import { createSlider, sliderRow } from "../../kit/slider.js";

/** @import { Page, Panel, Shown } from "./types.d.ts" */
/** @import { Ask } from "./message.d.ts" */

/** @type {(host: HTMLElement, api: Page) => Panel} */
export function createAsk(host, api) {
  /** @type {Ask | null} */
  let shown = null;
  const menu = api.menu({
    title: api.str("scaling.what_if"),
    reading: () => shown?.reading ?? api.str("scaling.fitting"),
    table: () => ({
      columns: ["what", "says"].map((name) => api.str("scaling.column." + name)),
      rows: shown
        ? [
            ["N", shown.n],
            ["D", shown.tokens],
            ["L", shown.loss],
            ["L", shown.interval],
          ]
        : [],
    }),
    python: () => shown?.python ?? "",
    picture: () => (shown ? body : null),
  });
  const sliders = [slider(api, "log_n", "n_slider", 2, 13), slider(api, "log_d", "d_slider", 3, 14)];
  const [loss, interval] = [el("b", {}), el("small", { class: "mono" })];
  const [sum, cost, best, bestSum] = ["sum mono", "cost", "best", "sum mono"].map((name) => el("p", { class: name }));
  const body = el(
    "div",
    { class: "scaling-ask", "data-testid": "ask" },
    el("p", { class: "scaling-loss" }, el("span", { text: api.str("scaling.predicted") }), loss, interval),
    sum,
    cost,
    best,
    bestSum,
  );
  host.append(
    createHead(api.str("scaling.what_if"), spacer(), menu),
    el(
      "div",
      { class: "scaling-sliders" },
      sliders.map(({ node }) => node),
    ),
    body,
  );
  /** @param {Shown} picture */
  function update({ header: { ask } }) {
    shown = ask;
    setAttr(host, "data-empty", !ask);
    for (const one of sliders) one.update();
    setText(loss, ask?.loss ?? "–");
    setText(interval, ask?.interval ?? "");
    setText(sum, ask ? "E + A/N^α + B/D^β = " + ask.sum : "");
    setText(cost, ask?.cost ?? "");
    setText(best, ask?.best ?? "");
    setText(bestSum, ask?.best_sum ? "L = " + ask.best_sum : "");
  }
  return { update };
}

/** @type {(api: Page, name: "log_n" | "log_d", label: string, min: number, max: number) => { node: HTMLElement, update: () => void }} */
function slider(api, name, label, min, max) {
  const made = createSlider({
    testid: name,
    range: { min, max, step: 0.05 },
    write: (value) => (value === null ? "–" : written(10 ** value)),
    input: (value) => api.setView({ [name]: value }),
  });
  const text = api.str("scaling." + label);
  return { node: sliderRow(text, text, made), update: () => made.show(Number(api.view()[name])) };
}

// Three figures: 316,000, from a million on 3.16e6, as panels.py writes it.
/** @type {(x: number) => string} */
function written(x) {
  const [mantissa, power] = fmtScientific(x, 2).split("e");
  const figures = Number(mantissa) * 10 ** Number(power);
  return figures < 999_500 ? fmtNumber(figures) : mantissa.replace(/\.?0+$/, "") + "e" + power;
}
