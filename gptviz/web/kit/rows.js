// A small head as rows of elements: what one token looks at, with what may not be looked at struck out.

import { el, fmtPercent, setAttr, setClass, setStyle, setText, slots } from "./dom.js";
import { indigo } from "./theme.js";

/** @import { Theme } from "./theme.js" */

/**
 * @typedef {object} Rows
 * @property {string[]} labels of the T tokens
 * @property {ArrayLike<number>} pattern T · T, row by row
 * @property {string} row the class of a row
 * @property {number} [digits] of a percentage
 */

/** @type {(map: HTMLElement, rows: Rows, theme: Theme) => void} */
export function drawRows(map, { labels, pattern, row, digits }, theme) {
  const T = labels.length;
  setStyle(map, "--tokens", String(T));
  const rows = slots(map, T, () => el("div", { class: row }));
  labels.forEach((label, i) => {
    const cells = slots(rows[i], T + 1, (at) => el(at ? "i" : "span", {}));
    setText(cells[0], label);
    for (let j = 0; j < T; j += 1) {
      const cell = /** @type {HTMLElement} */ (cells[j + 1]);
      const p = pattern[i * T + j];
      setClass(cell, "masked", j > i);
      setStyle(cell, "background-color", j > i ? "transparent" : indigo(theme, p));
      setAttr(cell, "title", j > i ? null : `${label} → ${labels[j]} ${fmtPercent(p, digits)}`);
    }
  });
}
