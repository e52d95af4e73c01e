// The cumulative bar: the kept tokens side by side by falling probability, from 0 to 1, and where the uniform number u fell.

import { el, fmtNumber, fmtPercent, setAttr, setClass, setStyle, setText, slots } from "./dom.js";
import { mixColour } from "./theme.js";

/** @import { Api } from "../types.d.ts" */
/** @import { Theme } from "./theme.js" */

/** @typedef {{ label: string, p: number, rest?: boolean }} Piece */
/**
 * @typedef {object} Cumulated
 * @property {Piece[]} segments
 * @property {number} rest
 * @property {number | null} u
 * @property {{ label: string } | null} draw
 * @property {[number, number] | null} drawn_at
 * @property {{ label: string, p_model: number, rank: number } | null} [actual]
 */

// update(distribution, theme) sets the segments; without a draw (a position that has a next token already) it says what followed.
/** @type {(host: HTMLElement, api: Api) => { update: (drawn: Cumulated, theme: Theme) => void }} */
export function createCumulative(host, api) {
  const track = el("div", { class: "cum-track" });
  const drawn = el("i", { class: "cum-drawn" });
  const mark = el("i", { class: "cum-mark" });
  const words = el("span", { class: "cum-words mono" });
  const bar = el("div", { class: "cum-bar" }, track, drawn, mark, words);
  const box = el(
    "div",
    { class: "cum", role: "img" },
    el("span", { class: "mono", text: "0" }),
    bar,
    el("span", { class: "mono", text: "1" }),
  );
  host.append(box);

  /** @type {(drawn: Cumulated, theme: Theme) => void} */
  function update(distribution, theme) {
    const { segments, rest, u, draw, drawn_at: span } = distribution;
    /** @type {Piece[]} */
    const pieces =
      rest > 0 ? [...segments, { label: api.str("panel.distribution.rest"), p: rest, rest: true }] : segments;
    let from = 0;
    slots(track, pieces.length, () => el("i", {}));
    pieces.forEach((piece, i) => {
      cumPiece(/** @type {HTMLElement} */ (track.children[i]), piece, from, i, theme);
      from += piece.p;
    });
    const has = u !== null && u !== undefined;
    setAttr(drawn, "hidden", !(has && span));
    setAttr(mark, "hidden", !has);
    if (has && span) {
      setStyle(drawn, "left", cumShare(span[0]));
      setStyle(drawn, "width", cumShare(span[1] - span[0]));
    }
    if (has) setStyle(mark, "left", cumShare(u));
    setStyle(words, "left", cumShare(has ? u : 0));
    setStyle(words, "transform", `translateX(-${cumShare(has ? u : 0)})`);
    setClass(words, "quiet", !has);
    setText(words, has ? drawWords(u, draw) : followWords(distribution.actual, api));
    setAttr(box, "aria-label", `${api.str("panel.distribution.cumulative")}. ${words.textContent}`);
    setAttr(box, "title", api.str("panel.distribution.cumulative"));
  }
  return { update };
}

/** @type {(x: number) => string} */
function cumShare(x) {
  return (x * 100).toFixed(3) + "%";
}

/** @type {(node: HTMLElement, piece: Piece, from: number, i: number, theme: Theme) => void} */
function cumPiece(node, piece, from, i, theme) {
  const strength = piece.rest ? 0.86 : Math.min(0.8, 0.06 + i * 0.075);
  setStyle(node, "left", cumShare(from));
  setStyle(node, "width", cumShare(piece.p));
  setStyle(node, "background", mixColour(theme.accent, theme.panel, strength));
  setAttr(node, "title", `${piece.label} ${fmtPercent(piece.p)}`);
}

/** @type {(u: number, draw: { label: string } | null) => string} */
function drawWords(u, draw) {
  return `u = ${fmtNumber(u, 3)}` + (draw ? ` → ${draw.label}` : "");
}

/** @type {(actual: Cumulated["actual"], api: Api) => string} */
function followWords(actual, api) {
  if (!actual) return "";
  return api.str("panel.distribution.actual", {
    label: actual.label,
    p: fmtPercent(actual.p_model),
    rank: fmtNumber(actual.rank),
  });
}
