// What came: the class beside the model, and how this student did.

import { el, fmtNumber, fmtPercent } from "../kit/dom.js";
import { promptOf } from "./asked.js";

/** @import { Mine, Row, Say, State } from "./types.d.ts" */

/** @type {(state: State, mine: Mine | null, say: Say) => HTMLElement} */
export function createTold(state, mine, say) {
  return el(
    "section",
    { "data-testid": "told" },
    promptOf(state.prompt ?? ""),
    state.actual ? cameLine(state, say) : null,
    mine && state.kind === "guess" ? ownLine(mine, say) : null,
    el(
      "div",
      { class: "rows" },
      (state.rows ?? []).map((row, place) => rowOf(row, place, state, say)),
    ),
    state.best?.length
      ? el("p", { class: "best", text: say("room_phone.best", { names: state.best.join(", ") }) })
      : null,
  );
}

/** @type {(state: State, say: Say) => HTMLElement | null} */
function cameLine({ actual }, say) {
  if (!actual) return null;
  const key = actual.drawn ? "room_phone.drawn" : "room_phone.came";
  return el("h1", {
    "data-testid": "came",
    text: say(key, { label: actual.label, p: fmtPercent(actual.p), rank: actual.rank }),
  });
}

/** @type {(mine: Mine, say: Say) => HTMLElement} */
function ownLine({ answer, hit, gain, bits }, say) {
  const words = !answer ? say("room_phone.no_answer") : hit ? say("room_phone.hit") : say("room_phone.miss");
  const saved =
    gain === null ? "" : " " + say("room_phone.gain", { bits: fmtNumber(gain, 1), sum: fmtNumber(bits, 1) });
  return el("p", { class: "own", "data-testid": "own", text: words + saved });
}

/** @type {(row: Row, place: number, state: State, say: Say) => HTMLElement} */
function rowOf(row, place, state, say) {
  const right = row.actual || state.right === place;
  const shares = [el("i", { class: "bar class", style: `width:${row.share * 100}%` })];
  if (row.p !== null) shares.push(el("i", { class: "bar model", style: `width:${row.p * 100}%` }));
  const number = row.votes === null ? say("room_phone.few") : fmtPercent(row.share, 0);
  const model = row.p === null ? "" : " · " + say("room_phone.model", { p: fmtPercent(row.p) });
  return el(
    "div",
    { class: right ? "row right" : "row" },
    el("b", { text: state.kind === "vote" ? "AB"[place] + "  " + row.label.trim() : row.label }),
    el("div", { class: "bars" }, shares),
    el("small", { text: say("room_phone.class", { p: number }) + model }),
  );
}
