// AdamW on one weight, written out in the order in which it is worked out (Loshchilov & Hutter 2019, algorithm 2).

import { el, fmtNumber, setAttr, setText, slots } from "../../kit/dom.js";
import { fmtOperand, fmtSetting } from "../../kit/numbers.js";
import { createHead, spacer } from "../../kit/panel.js";
import { factor, shownOf } from "./shown.js";

/** @import { Page, Panel, Shown } from "./types.d.ts" */
/** @import { Table } from "../../types.d.ts" */

/** @type {(host: HTMLElement, api: Page) => Panel} */
export function createUpdate(host, api) {
  /** @type {Shown | null} */
  let shown = null;
  const menu = api.menu({
    title: api.str("one_step.update"),
    reading: () => shown?.header.update.reading ?? api.str("one_step.needs_two"),
    python: () => shown?.header.update.python,
    table: () => ({
      columns: ["what", "sum", "value"].map((name) => api.str("one_step.column." + name)),
      rows: shown ? linesOf(shown, api).map(({ name, rule, value }) => [name, rule, value]) : [],
    }),
    picture: () => (shown ? list : null),
  });
  const place = el("input", {
    type: "text",
    class: "mono",
    "data-testid": "place",
    inputmode: "numeric",
    "aria-label": api.str("one_step.place"),
    title: api.str("one_step.place_hint"),
  });
  place.addEventListener("change", () => {
    if (shown) api.setView({ tensor: shown.header.update.name, place: place.value.replace(/\s/g, "") });
  });
  place.addEventListener("keydown", (event) => event.key !== "Escape" && event.stopPropagation());
  const steepest = el("button", {
    type: "button",
    class: "btn",
    "data-testid": "steepest",
    title: api.str("one_step.steepest_hint"),
    text: api.str("one_step.steepest"),
    onclick: () => api.setView({ tensor: "", place: "" }),
  });
  const name = el("p", { class: "weight-name mono", "data-testid": "weight" });
  const choose = el("div", { class: "weight-choose" }, el("label", {}, api.str("one_step.place"), place), steepest);
  const list = el("div", { class: "update-lines", "data-testid": "update" });
  host.append(createHead(api.str("one_step.update"), spacer(), menu), name, list, choose);
  return {
    update: (picture) => {
      shown = shownOf(picture);
      for (const node of [menu, choose, name]) setAttr(node, "hidden", !shown);
      const lines = shown ? linesOf(shown, api) : [];
      const made = slots(list, lines.length, makeLine);
      lines.forEach((line, i) => {
        const [what, rule, sum, value] = made[i].children;
        setText(what, line.name);
        setText(rule, line.rule);
        setText(sum, line.sum);
        setText(value, "= " + line.value);
        setAttr(made[i], "title", line.hint);
      });
      if (!shown) return;
      const { update } = shown.header;
      setText(name, update.label);
      setAttr(name, "title", update.shape.join(" × "));
      const root = /** @type {ShadowRoot} */ (place.getRootNode());
      if (root.activeElement !== place) place.value = update.place.join(",");
    },
  };
}

function makeLine() {
  return el(
    "div",
    { class: "update-line mono" },
    el("b", {}),
    el("span", { class: "update-rule" }),
    el("span", { class: "update-sum" }),
    el("span", { class: "update-value" }),
  );
}

/** @type {(picture: Shown, api: Page) => { name: string, rule: string, sum: string, value: string, hint: string }[]} */
function linesOf({ header: { update: u } }, api) {
  const [b1, b2, t, eta, decay] = [u.beta1, u.beta2, u.step, fmtOperand(u.rate), fmtSetting(u.weight_decay)].map(
    String,
  );
  const [c1, c2] = [1 - u.beta1, 1 - u.beta2].map((x) => fmtSetting(x));
  /** @type {(name: string, rule: string, sum: string, value: number, hint: string) => { name: string, rule: string, sum: string, value: string, hint: string }} */
  const line = (name, rule, sum, value, hint) => ({
    name,
    rule,
    sum,
    value: fmtOperand(value),
    hint: api.str("one_step.line." + hint),
  });
  return [
    line("g", "∂L/∂w", "", u.gradient, "g"),
    line("m", "β₁m + (1−β₁)g", `${b1}·${factor(u.m_before)} + ${c1}·${factor(u.gradient)}`, u.m, "m"),
    line("v", "β₂v + (1−β₂)g²", `${b2}·${factor(u.v_before)} + ${c2}·${factor(u.gradient)}²`, u.v, "v"),
    line("m̂", "m/(1−β₁ᵗ)", `${fmtOperand(u.m)} / (1 − ${b1}^${t})`, u.m_hat, "m_hat"),
    line("v̂", "v/(1−β₂ᵗ)", `${fmtOperand(u.v)} / (1 − ${b2}^${t})`, u.v_hat, "v_hat"),
    line("d", "ηλw", `${eta}·${decay}·${fmtWeight(u.weight)}`, u.decay, "decay"),
    line(
      "Δ",
      "ηm̂/(√v̂+ε)",
      `${eta}·${factor(u.m_hat)} / (√${fmtOperand(u.v_hat)} + ${fmtOperand(u.eps)})`,
      u.move,
      "move",
    ),
    {
      ...line("w′", "w − d − Δ", `${fmtWeight(u.weight)} − ${factor(u.decay)} − ${factor(u.move)}`, u.after, "after"),
      value: fmtWeight(u.after),
    },
  ];
}

// A weight with as many digits as a small step changes.
/** @type {(x: number) => string} */
function fmtWeight(x) {
  return fmtNumber(x, 6);
}
