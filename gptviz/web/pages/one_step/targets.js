// The forward pass: each target under the token before it, with what it costs; their mean is the loss. One of them is looked at.

import { el, fmtNumber, fmtPercent, setAttr, setClass, setStyle, setText, slots, within } from "../../kit/dom.js";
import { fmtFactor } from "../../kit/numbers.js";
import { createHead, spacer } from "../../kit/panel.js";
import { shownOf, tellLines } from "./shown.js";

/** @import { Page, Panel, Shown } from "./types.d.ts" */
/** @import { Table } from "../../types.d.ts" */

const WRITTEN = 4; // losses that stand in the sum before it is cut short

/** @type {(host: HTMLElement, api: Page) => Panel} */
export function createTargets(host, api) {
  /** @type {Shown | null} */
  let shown = null;
  const small = el("small", {});
  const menu = api.menu({
    title: api.str("one_step.forward"),
    reading: () => shown?.header.forward.reading ?? api.str("one_step.needs_two"),
    python: () => shown?.header.forward.python,
    table: () => targetsTable(shown, api),
    picture: () => (shown ? list : null),
  });
  const list = el("div", { class: "targets edged", "data-testid": "targets" });
  const sums = el("div", { class: "sums mono", "data-testid": "target-sums" });
  const hint = el("p", { class: "empty-hint" });
  host.append(createHead(api.str("one_step.forward"), small, spacer(), menu), list, sums, hint);
  list.addEventListener("click", (event) => {
    const target = within(event, "button")?.dataset.at;
    if (target !== undefined) api.setView({ target: Number(target), row: 0 });
  });
  return {
    update: (picture) => {
      shown = shownOf(picture);
      setAttr(menu, "hidden", !shown);
      setText(hint, shown ? "" : api.str("one_step.needs_two"));
      const forward = shown?.header.forward;
      setText(small, forward ? api.str("one_step.loss", { loss: fmtNumber(forward.loss, 3) }) : "");
      const made = slots(list, forward?.targets.length ?? 0, makeTarget);
      if (!forward) return tellLines(sums, []);
      const most = Math.max(1, ...forward.losses);
      forward.targets.forEach((label, i) => {
        const [before, bar, cost, name, p] = made[i].children;
        setText(before, forward.inputs[i]);
        setStyle(/** @type {HTMLElement} */ (bar.firstElementChild), "height", share(forward.losses[i] / most));
        setText(cost, fmtNumber(forward.losses[i], 2));
        setText(name, label);
        setText(p, fmtPercent(forward.probs[i]));
        setClass(made[i], "sel", i === forward.at);
        setAttr(made[i], "aria-pressed", String(i === forward.at));
        setAttr(
          made[i],
          "title",
          api.str("one_step.target_title", {
            input: forward.inputs[i],
            target: label,
            p: fmtPercent(forward.probs[i]),
          }),
        );
      });
      tellLines(sums, sumsOf(shown, api));
    },
  };
}

/** @type {(i: number) => HTMLElement} */
function makeTarget(i) {
  return el(
    "button",
    { type: "button", class: "target", "data-testid": "target", "data-at": i },
    el("span", { class: "target-input mono" }),
    el("span", { class: "target-bar" }, el("i", {})),
    el("span", { class: "target-cost mono" }),
    el("b", { class: "target-name mono" }),
    el("span", { class: "target-p mono" }),
  );
}

/** @type {(x: number) => string} */
function share(x) {
  return `${Math.round(x * 1000) / 10}%`;
}

// "−ln 1.7% = 4.05 nats", and the mean.
/** @type {(picture: Shown | null, api: Page) => string[]} */
function sumsOf(picture, api) {
  if (!picture) return [];
  const { targets, losses, probs, loss, at } = picture.header.forward;
  const written = losses.slice(0, WRITTEN).map((one) => fmtNumber(one, 3));
  const all = losses.length > WRITTEN ? [...written, "…", fmtNumber(losses[losses.length - 1], 3)] : written;
  return [
    `${targets[at]}: −ln ${fmtFactor(probs[at])} = ${fmtNumber(losses[at], 3)} ${api.str("one_step.nats")}`,
    `${api.str("one_step.mean")} = (${all.join(" + ")}) / ${losses.length} = ${fmtNumber(loss, 3)}`,
  ];
}

/** @type {(picture: Shown | null, api: Page) => Table} */
function targetsTable(picture, api) {
  const columns = ["input", "target", "p", "loss"].map((name) => api.str("one_step.column." + name));
  const forward = picture?.header.forward;
  return {
    columns,
    rows: (forward?.targets ?? []).map((label, i) => [
      forward?.inputs[i],
      label,
      forward?.probs[i],
      forward?.losses[i],
    ]),
  };
}
