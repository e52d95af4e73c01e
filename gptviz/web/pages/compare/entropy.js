// Entropy per step as two small lines, of the model and after the filters, on axes that all columns share.

import { clamp, el, fmtNumber, setAttr, setText, svg } from "../../kit/dom.js";

/** @import { Axes, ColumnView } from "./message.d.ts" */
/** @import { Page } from "./types.d.ts" */

const CHART_HEIGHT = 40;

// Gives { node, update(column, axes, step) }; a click chooses its step by pick(step).
/** @type {(api: Page, pick: (step: number) => void) => { node: HTMLElement, update: (column: ColumnView, axes: Axes, step: number) => void }} */
export function createEntropy(api, pick) {
  const parts = {
    here: svg("path", { class: "here" }),
    model: svg("path", { class: "model" }),
    after: svg("path", { class: "after" }),
  };
  const drawing = svg(
    "svg",
    { class: "chart", preserveAspectRatio: "none", role: "img" },
    parts.here,
    parts.model,
    parts.after,
  );
  const top = el("span", { class: "chart-top mono" });
  const node = el("div", { class: "col-chart", "data-testid": "entropy" }, top, drawing);
  const memory = { steps: 0 };
  drawing.addEventListener("click", (event) => {
    const box = drawing.getBoundingClientRect();
    if (memory.steps)
      pick(clamp(Math.floor(((event.clientX - box.left) / box.width) * memory.steps), 0, memory.steps - 1));
  });
  return {
    node,
    update: (column, axes, step) => {
      const entropies = column.entropies || [];
      memory.steps = axes.steps;
      const steps = Math.max(1, axes.steps);
      setAttr(drawing, "viewBox", `0 0 ${steps} ${CHART_HEIGHT}`);
      setAttr(parts.model, "d", entropyPath(entropies, axes.most));
      setAttr(parts.after, "d", entropyPath(column.after || [], axes.most));
      setAttr(parts.here, "d", step >= 0 && step < entropies.length ? `M${step + 0.5} 0V${CHART_HEIGHT}` : "");
      setText(top, entropies.length ? `${fmtNumber(axes.most, 1)} ${api.str("compare.bits")}` : "");
      const values = {
        name: column.name,
        most: fmtNumber(axes.most, 1),
        step: step + 1,
        model: fmtNumber(entropies[step], 1),
      };
      setAttr(drawing, "aria-label", api.str("compare.entropy_label", values));
    },
  };
}

/** @type {(bits: number[], most: number) => string} */
function entropyPath(bits, most) {
  const points = bits.map((value, i) => `${i + 0.5} ${(CHART_HEIGHT * (1 - value / most)).toFixed(2)}`);
  return points.length ? "M" + points.join("L") + (points.length === 1 ? "h0.01" : "") : "";
}
