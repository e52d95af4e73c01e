// The training curve: loss by tokens read, the held-out loss as dots, the learning rate as a quiet line.

import { axisScale, evenTicks, roundStep } from "../../kit/axis.js";
import { el, fmtLarge, fmtNumber, svg } from "../../kit/dom.js";

/** @import { Curve } from "./message.d.ts" */
/** @import { Say } from "../../types.d.ts" */

const CURVE = { width: 560, height: 240, left: 44, right: 12, top: 12, bottom: 34 };

// curve: { tokens, loss, learning_rate, valid_tokens, valid_loss }, losses in nats per token.
/** @type {(curve: Curve, str: Say) => HTMLElement} */
export function trainingCurve(curve, str) {
  const xMost = Math.max(...curve.tokens, ...curve.valid_tokens, 1);
  const yMost = Math.ceil(Math.max(...curve.loss, ...curve.valid_loss));
  const yLeast = Math.floor(Math.min(...curve.loss, ...curve.valid_loss));
  const bottom = CURVE.height - CURVE.bottom;
  const x = axisScale({ min: 0, max: xMost }, CURVE.left, CURVE.width - CURVE.right);
  const y = axisScale({ min: yLeast, max: Math.max(yMost, yLeast + 1) }, bottom, CURVE.top);
  const rateMost = Math.max(...curve.learning_rate, 1e-12);
  const rate = axisScale({ min: 0, max: rateMost }, bottom, bottom - (bottom - CURVE.top) * 0.3);
  /** @param {number[]} values @param {(value: number) => number} at */
  const line = (values, at) =>
    values.map((value, i) => (i ? "L" : "M") + x(curve.tokens[i]).toFixed(1) + " " + at(value).toFixed(1)).join("");
  return el(
    "figure",
    { class: "curve" },
    svg(
      "svg",
      { viewBox: `0 0 ${CURVE.width} ${CURVE.height}`, role: "img", "aria-label": curveLabel(curve, str) },
      evenTicks(yLeast, yMost, 1).flatMap(([tick, text]) => [
        svg("line", { x1: CURVE.left, x2: CURVE.width - CURVE.right, y1: y(tick), y2: y(tick), class: "rule" }),
        svg("text", { x: CURVE.left - 7, y: y(tick) + 4, class: "tick", "text-anchor": "end" }, text),
      ]),
      evenTicks(0, xMost, roundStep(xMost, 5)).map(([tick]) =>
        svg(
          "text",
          { x: x(tick), y: CURVE.height - CURVE.bottom + 17, class: "tick", "text-anchor": "middle" },
          fmtLarge(tick, str("number.units")),
        ),
      ),
      svg(
        "text",
        { x: CURVE.width - CURVE.right, y: CURVE.height - 3, class: "tick", "text-anchor": "end" },
        str("model_page.curve_x"),
      ),
      svg("path", { d: line(curve.learning_rate, rate), class: "rate" }),
      svg("path", { d: line(curve.loss, y), class: "loss" }),
      curve.valid_tokens.map((tokens, i) =>
        svg(
          "circle",
          { cx: x(tokens), cy: y(curve.valid_loss[i]), r: 3.2, class: "valid" },
          svg("title", {}, fmtLarge(tokens, str("number.units")) + ": " + fmtNumber(curve.valid_loss[i], 3)),
        ),
      ),
    ),
    el(
      "figcaption",
      {},
      ...["loss", "valid", "rate"].map((kind) =>
        el("span", { class: "key " + kind, text: str("model_page.curve_" + kind) }),
      ),
    ),
  );
}

// The curve in one sentence.
/** @type {(curve: Curve, str: Say) => string} */
export function curveLabel({ loss, tokens }, str) {
  return str("model_page.curve_label", {
    first: fmtNumber(loss[0], 2),
    last: fmtNumber(loss.at(-1) ?? 0, 2),
    tokens: fmtLarge(tokens.at(-1) ?? 0, str("number.units")),
  });
}
