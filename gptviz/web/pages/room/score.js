// Class against model: this guess, and all of them. Bits where chips were laid, else how often each was right.

import { el, fmtNumber, fmtPercent, setAttr, setText, slots } from "../../kit/dom.js";
import { createHead, spacer } from "../../kit/panel.js";

/** @import { Page, Panel, Shown } from "./types.d.ts" */
/** @import { Score } from "./message.d.ts" */
/** @import { Table } from "../../types.d.ts" */

/** @type {(host: HTMLElement, api: Page) => Panel} */
export function createScore(host, api) {
  /** @type {Score | null} */
  let score = null;
  const more = api.menu({
    title: api.str("room.score"),
    reading: () =>
      linesOf(score, api)
        .map((line) => line.join(" "))
        .join(" "),
    table: () => tableOf(score, api),
    python: () => score?.python ?? "",
    picture: () => list,
  });
  const list = el("dl", { class: "score", "data-testid": "score" });
  const best = el("ol", { class: "score-best", "data-testid": "best" });
  const rule = el("p", { class: "hint", text: api.str("room.rule") });
  host.append(createHead(api.str("room.score"), spacer(), more), list, best, rule);

  /** @param {Shown} picture */
  function update({ header }) {
    score = header.score;
    setAttr(host, "hidden", !header.room);
    setAttr(more, "hidden", score === null);
    const lines = linesOf(score, api);
    const made = slots(list, lines.length, () =>
      el("div", {}, el("dt", {}), el("dd", {}), el("dd", { class: "model" })),
    );
    lines.forEach((line, i) => line.forEach((text, j) => setText(made[i].children[j], text)));
    const ahead = score?.best ?? [];
    slots(best, ahead.length, () => el("li", {}));
    ahead.forEach(({ name, bits, hits }, i) =>
      setText(best.children[i], api.str("room.ahead", { name, bits: fmtNumber(bits, 1), hits })),
    );
    setAttr(best, "hidden", ahead.length === 0);
  }
  return { update };
}

// Name, class, model.
/** @type {(score: Score | null, api: Page) => [string, string, string][]} */
function linesOf(score, api) {
  if (!score)
    return [
      ["", api.str("room.class"), api.str("room.model")],
      [api.str("room.no_score"), "–", "–"],
    ];
  const bits = (/** @type {number | null} */ value) =>
    value === null ? "–" : api.str("room.bits", { bits: fmtNumber(value, 2) });
  /** @type {[string, string, string][]} */
  const lines = [["", api.str("room.class"), api.str("room.model")]];
  if (score.class_hits !== null)
    lines.push([api.str("room.right_now"), fmtPercent(score.class_hits, 0), score.model_hit ? "✓" : "✗"]);
  if (score.class_bits !== null) lines.push([api.str("room.bits_now"), bits(score.class_bits), bits(score.model_bits)]);
  lines.push([
    api.str("room.right_all", { count: score.rounds }),
    fmtPercent(score.class_hits_mean, 0),
    fmtPercent(score.model_hits / score.rounds, 0),
  ]);
  if (score.chip_rounds)
    lines.push([
      api.str("room.bits_all", { count: score.chip_rounds }),
      bits(score.class_bits_mean),
      bits(score.model_bits_mean),
    ]);
  return lines;
}

/** @type {(score: Score | null, api: Page) => Table} */
function tableOf(score, api) {
  const [head, ...rows] = linesOf(score, api);
  return { columns: head.map((name) => name || api.str("room.column.option")), rows };
}
