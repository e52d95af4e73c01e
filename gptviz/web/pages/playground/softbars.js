// The bars of the softmax: the most likely tokens and all others as one bar, at the temperature under the hand. Outline: at
// temperature 1. The thin magenta bar below is the share of the rolls that fell on the token.

import { barScale, showBars } from "../../kit/bars.js";
import { el, fmtNumber, fmtPercent, numbersOf, setAttr, setClass, setText } from "../../kit/dom.js";
import { createHead, spacer } from "../../kit/panel.js";
import { nearestStep } from "./live.js";

/** @import { BarRow, BarShape } from "../../kit/bars.js" */
/** @import { Live, Page, Panel, Shown, SoftRow } from "./types.d.ts" */
/** @import { Soft } from "./message.d.ts" */
/** @import { Table } from "../../types.d.ts" */

/** @type {BarShape} */
const SHAPE = {
  cells: ["word", "lead", "track", "number"],
  track: ["ghost", "fill", "roll"],
  classes: { lead: "bar-logit mono" },
  outline: "whole",
};

/** @type {(host: HTMLElement, api: Page, live: Live) => Panel} */
export function createSoftBars(host, api, live) {
  /** @type {Shown | null} */
  let shown = null;
  const small = el("small", {});
  const head = createHead(api.str("playground.bars"), small, spacer());
  const list = el("div", { class: "soft-bars" });
  const key = el(
    "p",
    { class: "soft-key" },
    el("span", {}, el("i", { class: "key-fill" }), api.str("playground.key_now")),
    el("span", {}, el("i", { class: "key-ghost" }), api.str("playground.key_one")),
    el("span", {}, el("i", { class: "key-roll" }), api.str("playground.key_roll")),
  );
  const box = el("div", { class: "panel soft", "data-testid": "softmax", role: "group" }, list, key);
  const empty = el("p", { class: "empty-hint", text: api.str("empty.hint") });
  head.append(
    api.menu({
      title: api.str("playground.bars"),
      reading: () => shown?.header.soft?.reading ?? api.str("empty.hint"),
      python: () => shown?.header.soft?.python ?? "",
      table: () => softTable(shown, api, live),
      picture: () => (shown ? box : null),
    }),
  );
  host.append(head, box, empty);

  /** @param {Shown} picture */
  function update(picture) {
    const { soft, roll, ids } = picture.header;
    shown = soft ? picture : null;
    setAttr(empty, "hidden", Boolean(soft));
    setAttr(box, "data-empty", !soft);
    setAttr(box, "data-ids", ids.join(","));
    setText(small, soft ? api.str("playground.after", { label: soft.names[0] }) : "");
    setAttr(box, "aria-label", soft ? soft.reading : api.str("empty.hint"));
    if (!soft || !roll) return;
    const rows = softRows(picture, soft, live);
    const rolled = roll.n > 0 && live.same("temperature") && live.same("seed");
    setClass(box, "rolled", rolled);
    const others = rows[rows.length - 1];
    const best = Math.max(...rows.slice(0, -1).flatMap((row) => [row.p, row.p_model]));
    const most = barScale(best, Math.max(others.p, others.p_model));
    const shares = [...(roll.shares ?? []), roll.others_share ?? 0];
    const bars = rows.map((row, i) =>
      softBar(row, rolled ? shares[i] : null, row === others ? soft.others : false, most, api),
    );
    showBars(list, bars, most, SHAPE);
  }
  return { update };
}

// One row per token and one for the others: { label, logit, p (at T), p_model (at T = 1) }, looked up in Python's tables.
/** @type {(picture: Shown, soft: Soft, live: Live) => SoftRow[]} */
function softRows(picture, soft, live) {
  const [probs, tail] = [numbersOf(picture, "probs"), numbersOf(picture, "tail")];
  const at = nearestStep(soft.temperatures, live.get("temperature"));
  const one = nearestStep(soft.temperatures, 1);
  const count = soft.rows.length;
  const rows = soft.rows.map((row, i) => ({ ...row, p: probs[at * count + i], p_model: probs[one * count + i] }));
  return [...rows, { label: "", id: null, logit: null, p: tail[at], p_model: tail[one] }];
}

// `others`: of how many tokens the last row is the bar, else false.
/** @type {(row: SoftRow, share: number | null, others: number | false, most: number, api: Page) => BarRow} */
function softBar({ label, id, logit, p, p_model }, share, others, most, api) {
  const word = others === false ? label : api.str("playground.others", { count: fmtNumber(others) });
  const broken = others !== false && p > most;
  const values = {
    label: word,
    p: fmtPercent(p, 3),
    one: fmtPercent(p_model, 3),
    share: share === null ? "–" : fmtPercent(share, 2),
    logit: logit === null ? "–" : fmtNumber(logit, 3),
  };
  const title = api.str(share === null ? "playground.row_title" : "playground.row_title_rolled", values);
  const short = api.str("panel.distribution.broken", { times: fmtNumber(p / most, 1) });
  return {
    id,
    p,
    before: p_model,
    roll: share,
    word,
    lead: logit === null ? "" : fmtNumber(logit, 1),
    number: fmtPercent(p, p < 0.0005 ? 3 : 1),
    title: broken ? title + "\n" + short : title,
    marks: { others: others !== false, broken, never: p === 0 },
  };
}

/** @type {(picture: Shown | null, api: Page, live: Live) => Table} */
function softTable(picture, api, live) {
  const columns = ["rank", "token", "id", "logit", "p", "p_one", "count", "share"].map((name) =>
    api.str("playground.column." + name),
  );
  const { roll, soft } = picture?.header ?? {};
  if (!picture || !soft || !roll) return { columns, rows: [] };
  const counted = roll.n > 0 && live.same("temperature");
  /** @param {number} i */
  const count = (i) => (counted ? (roll.counts?.[i] ?? roll.others) : null);
  /** @param {number} i */
  const share = (i) => (counted ? (roll.shares?.[i] ?? roll.others_share) : null);
  const rows = softRows(picture, soft, live).map((row, i) => [
    row.id === null ? null : i + 1,
    row.label || api.str("playground.others", { count: fmtNumber(soft.others) }),
    row.id,
    row.logit,
    row.p,
    row.p_model,
    count(i),
    share(i),
  ]);
  return { columns, rows };
}
