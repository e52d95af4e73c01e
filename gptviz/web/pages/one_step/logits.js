// Where the gradient begins: p − onehot at the target looked at, divided by the number of targets. It pushes the target up, all else down.

import { el, fmtNumber, fmtPercent, setAttr, setClass, setStyle, setText, slots, within } from "../../kit/dom.js";
import { fmtOperand } from "../../kit/numbers.js";
import { createHead, spacer } from "../../kit/panel.js";
import { shownOf, tellLines } from "./shown.js";

/** @import { Page, Panel, Shown } from "./types.d.ts" */
/** @import { Table } from "../../types.d.ts" */

/** @type {(host: HTMLElement, api: Page) => Panel} */
export function createLogits(host, api) {
  /** @type {Shown | null} */
  let shown = null;
  const small = el("small", {});
  const menu = api.menu({
    title: api.str("one_step.logits"),
    reading: () => shown?.header.logits.reading ?? api.str("one_step.needs_two"),
    python: () => shown?.header.logits.python,
    table: () => logitsTable(shown, api),
    picture: () => (shown ? body : null),
  });
  const names = ["token", "p", "onehot", "gradient"].map((name) =>
    el("span", { text: api.str("one_step.column." + name) }),
  );
  const rows = el("div", { class: "logit-rows", "data-testid": "logits" });
  const rest = el("p", { class: "logit-rest mono", "data-testid": "logit-rest" });
  const body = el("div", { class: "logit-body" }, el("div", { class: "logit-names" }, names), rows, rest);
  const sums = el("div", { class: "sums mono", "data-testid": "logit-sums" });
  host.append(createHead(api.str("one_step.logits"), small, spacer(), menu), body, sums);
  rows.addEventListener("click", (event) => {
    const row = within(event, "button")?.dataset.at;
    if (row !== undefined) api.setView({ row: Number(row) });
  });
  return {
    update: (picture) => {
      shown = shownOf(picture);
      setAttr(menu, "hidden", !shown);
      setAttr(body, "hidden", !shown);
      if (!shown) return tellLines(sums, []);
      const { logits, forward } = shown.header;
      setText(small, api.str("one_step.after_input", { label: forward.inputs[forward.at] }));
      const made = slots(rows, logits.rows.length, makeRow);
      const most = Math.max(1e-12, ...logits.rows.map(({ gradient }) => Math.abs(gradient)));
      logits.rows.forEach((row, i) => {
        const [name, p, onehot, track, number] = made[i].children;
        setText(name, row.label);
        setText(p, fmtPercent(row.p));
        setText(onehot, String(row.onehot));
        placeBar(/** @type {HTMLElement} */ (track.firstElementChild), row.gradient / most);
        setText(number, fmtOperand(row.gradient));
        setClass(made[i], "sel", i === logits.chosen);
        setClass(made[i], "target-row", row.onehot === 1);
        setAttr(made[i], "aria-pressed", String(i === logits.chosen));
      });
      setText(rest, api.str("one_step.rest", { others: fmtNumber(logits.others), rest: fmtOperand(logits.rest) }));
      const { p, onehot, gradient, label } = logits.rows[logits.chosen];
      tellLines(sums, [`${label}: (${fmtOperand(p)} − ${onehot}) / ${logits.count} = ${fmtOperand(gradient)}`]);
    },
  };
}

/** @type {(i: number) => HTMLElement} */
function makeRow(i) {
  return el(
    "button",
    { type: "button", class: "logit-row", "data-testid": "logit", "data-at": i },
    el("b", { class: "mono" }),
    el("span", { class: "mono" }),
    el("span", { class: "mono" }),
    el("span", { class: "logit-track" }, el("i", {})),
    el("span", { class: "mono" }),
  );
}

// From the middle of the track: to the left what the step raises, to the right what it lowers.
/** @type {(bar: HTMLElement, share: number) => void} */
function placeBar(bar, share) {
  const wide = Math.round(Math.abs(share) * 500) / 10;
  setStyle(bar, "left", share < 0 ? `${50 - wide}%` : "50%");
  setStyle(bar, "width", `${wide}%`);
  setClass(bar, "up", share < 0);
}

/** @type {(picture: Shown | null, api: Page) => Table} */
function logitsTable(picture, api) {
  const columns = ["token", "id", "p", "onehot", "gradient"].map((name) => api.str("one_step.column." + name));
  const found = picture?.header.logits;
  const rows = (found?.rows ?? []).map((row) => [row.label, row.id, row.p, row.onehot, row.gradient]);
  return { columns, rows: found ? [...rows, [api.str("one_step.others"), null, null, null, found.rest]] : rows };
}
