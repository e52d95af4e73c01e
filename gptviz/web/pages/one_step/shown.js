// What the panels of this page share: whether there is a step to show, a line of arithmetic, a colour for a norm.

import { el, setText, slots } from "../../kit/dom.js";
import { fmtOperand } from "../../kit/numbers.js";

/** @import { Drawn, Shown } from "./types.d.ts" */

// A picture in which all parts are there; null where no step could be taken.
/** @type {(picture: Drawn) => Shown | null} */
export function shownOf(picture) {
  return picture.header.forward ? /** @type {Shown} */ (picture) : null;
}

// A number inside a sum or a product: a negative one in brackets.
/** @type {(x: number) => string} */
export function factor(x) {
  return x < 0 ? `(${fmtOperand(x)})` : fmtOperand(x);
}

// Lines of arithmetic, one paragraph each.
/** @type {(host: HTMLElement, lines: string[]) => void} */
export function tellLines(host, lines) {
  const made = slots(host, lines.length, () => el("p", {}));
  lines.forEach((line, i) => setText(made[i], line));
}
