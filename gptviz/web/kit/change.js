// One text before and after a change: the next token as bars (before an outline, after filled), the loss as two, and a sentence.

import { barScale, showBars } from "./bars.js";
import { el, fmtNumber, fmtPercent, setAttr, setText } from "./dom.js";
import { fmtBoth } from "./numbers.js";

/** @import { BarRow, BarShape } from "./bars.js" */
/** @import { Api, Table } from "../types.d.ts" */
/**
 * @typedef {object} Changed what Python says of it (gptviz/ui/changed.py)
 * @property {[id: number, label: string, before: number, after: number][]} rows
 * @property {number} others
 * @property {number} others_before
 * @property {number} others_after
 * @property {number | null} bits_before
 * @property {number | null} bits_after
 * @property {string} reading
 */

// Gives { node, update(changed), table(changed) }; where there is nothing, the bars keep their place.
/** @type {(api: Pick<Api, "str">) => { node: HTMLElement, update: (changed: Changed | null) => void, table: (changed: Changed | null) => Table }} */
export function createChange(api) {
  const bars = el("div", { class: "change-bars", "data-testid": "change-bars" });
  const loss = el("div", { class: "change-bars change-loss", "data-testid": "change-loss" });
  const key = el(
    "p",
    { class: "change-key", "aria-hidden": "true" },
    el("i", { class: "before" }),
    api.str("change.before"),
    el("i", { class: "after" }),
    api.str("change.after"),
  );
  const caption = el("p", { class: "change-caption", text: api.str("change.loss_label") });
  const said = el("p", { class: "change-reading", "data-testid": "change-reading" });
  const node = el("div", { class: "change" }, key, bars, caption, loss, said);
  /** @param {Changed | null} changed */
  const update = (changed) => {
    setAttr(node, "hidden", changed === null);
    if (!changed) return;
    showTokens(bars, changed, api);
    showLoss(loss, changed, api);
    setAttr(caption, "hidden", changed.bits_before === null);
    setText(said, changed.reading);
  };
  return { node, update, table: (changed) => changeTable(changed, api) };
}

/** @type {(host: Element, changed: Changed, api: Pick<Api, "str">) => void} */
function showTokens(host, { rows, others, others_before, others_after }, api) {
  const best = Math.max(...rows.flatMap(([, , before, after]) => [before, after]));
  const most = barScale(best, Math.max(others_before, others_after));
  /** @type {(id: number | null, word: string, before: number, after: number) => BarRow} */
  const row = (id, word, before, after) => ({
    id,
    word,
    p: after,
    before,
    number: fmtPercent(after),
    lead: fmtPercent(before),
    title: `${word}: ${fmtPercent(before, 2)} → ${fmtPercent(after, 2)}`,
  });
  const all = rows.map(([id, label, before, after]) => row(id, label, before, after));
  all.push(row(null, api.str("change.others", { count: fmtNumber(others) }), others_before, others_after));
  showBars(host, all, most, SHAPE);
}

/** @type {(host: Element, changed: Changed, api: Pick<Api, "str">) => void} */
function showLoss(host, { bits_before, bits_after }, api) {
  const known = bits_before !== null && bits_after !== null;
  const [before, after] = known ? fmtBoth(fmtNumber, bits_before, bits_after, 2) : [];
  const bars = known
    ? [
        { word: api.str("change.before"), p: bits_before, number: before },
        {
          word: api.str("change.after"),
          p: bits_after,
          number: after,
          marks: { worse: bits_after > bits_before },
        },
      ]
    : [];
  showBars(host, bars, Math.max(1e-9, bits_before ?? 0, bits_after ?? 0), {
    cells: ["word", "track", "number"],
    track: ["fill"],
  });
}

/** @type {BarShape} */
const SHAPE = { cells: ["word", "track", "lead", "number"], track: ["ghost", "fill"] };

/** @type {(changed: Changed | null, api: Pick<Api, "str">) => Table} */
function changeTable(changed, api) {
  const columns = ["token", "before", "after"].map((name) => api.str("change.column." + name));
  const rows = (changed?.rows ?? []).map(([, label, before, after]) => [label, before, after]);
  if (changed?.bits_before !== null && changed)
    rows.push([api.str("change.loss_label"), changed.bits_before, changed.bits_after ?? 0]);
  return { columns, rows };
}
