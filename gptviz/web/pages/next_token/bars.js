// The bars of the next token: ten fixed rows of tokens and one for all the others. A click on a row after the last token chooses it.

import { barScale, createBar } from "../../kit/bars.js";
import { goesOn } from "../../kit/chips.js";
import { el, fmtNumber, fmtPercent, setAttr } from "../../kit/dom.js";
import { fmtCut } from "../../kit/numbers.js";

/** @import { BarRow } from "../../kit/bars.js" */
/** @import { DistributionView, Row, Tail } from "./message.d.ts" */
/** @import { Page } from "./types.d.ts" */
/** @import { Part } from "../../kit/bars.js" */

const BAR_SLOTS = 10;
/** @type {readonly Part[]} */
const TRACK = ["ghost", "fill", "note"];

// update(distribution, pos) fills the rows.
/** @type {(host: HTMLElement, api: Page) => { update: (distribution: DistributionView) => void, clear: () => void }} */
export function createBars(host, api) {
  /** @type {{ rows: Row[], pos: number, last: boolean }} */
  const memory = { rows: [], pos: 0, last: false };
  /** @param {number} slot */
  const choose = (slot) => {
    const row = memory.rows[slot];
    if (row && memory.last) api.act({ kind: "choose", id: row.id, pos: memory.pos });
  };
  const rows = Array.from({ length: BAR_SLOTS }, (_, slot) =>
    createBar({
      tag: "button",
      attrs: { type: "button", "data-testid": "bar", onclick: () => choose(slot) },
      track: TRACK,
    }),
  );
  const tail = createBar({ attrs: { "data-testid": "tail" }, track: TRACK });
  host.append(
    el(
      "div",
      { class: "bars" },
      [...rows, tail].map(({ node }) => node),
    ),
  );
  const clear = () => {
    memory.rows = [];
    for (const { show } of [...rows, tail]) show(undefined, 1);
  };

  /** @param {DistributionView} distribution */
  function update(distribution) {
    const folded = foldRows(distribution);
    const { last, pos } = distribution;
    Object.assign(memory, { rows: folded.rows, pos, last });
    const best = Math.max(...folded.rows.flatMap((row) => [row.p, row.p_model]));
    const most = barScale(best, Math.max(folded.tail.p, folded.tail.p_model));
    rows.forEach(({ node, show }, slot) => {
      const row = folded.rows[slot];
      setAttr(node, "disabled", !row);
      setAttr(node, "aria-disabled", row && !last && "true");
      show(row && tokenRow(row, last, api), most);
    });
    tail.show(folded.tail.count ? othersRow(folded.tail, most, api) : undefined, most);
  }
  clear();
  return { update, clear };
}

// Ten rows at most: a drawn or actual token further down keeps its place and the least likely plain ones join the others.
/** @type {(distribution: { rows: Row[], tail: Tail }) => { rows: Row[], tail: Tail }} */
export function foldRows({ rows, tail }) {
  const kept = [...rows];
  const rest = { ...tail };
  for (let at = kept.length - 1; kept.length > BAR_SLOTS && at >= 0; at -= 1) {
    if (kept[at].drawn || kept[at].actual) continue;
    const [gone] = kept.splice(at, 1);
    rest.count += 1;
    rest.p += gone.p;
    rest.p_model += gone.p_model;
    if (!gone.cut) rest.kept += 1;
  }
  return { rows: kept.slice(0, BAR_SLOTS), tail: rest };
}

/** @type {(row: Row, last: boolean, api: Page) => BarRow} */
function tokenRow(row, last, api) {
  const cut = Boolean(row.cut);
  return {
    id: row.id,
    p: cut ? row.p_model : row.p,
    before: cut ? null : row.p_model,
    word: row.label,
    number: cut ? fmtCut(row.p_model) : fmtPercent(row.p),
    note: rowNote(row, last, api),
    title: rowTitle(row, last, api),
    marks: { joins: goesOn(row.label), cut, drawn: row.drawn, actual: row.actual, fixed: !last },
  };
}

/** @type {(row: Row, last: boolean, api: Page) => string} */
function rowNote(row, last, api) {
  if (row.drawn) return api.str("panel.distribution.drawn");
  if (row.actual && !last) return api.str("panel.distribution.follows");
  return row.cut ? api.str("panel.distribution.cut", { filter: filterName(row.cut, api) }) : "";
}

/** @type {(tail: Tail, most: number, api: Page) => BarRow} */
function othersRow(tail, most, api) {
  const cut = tail.kept === 0;
  const p = cut ? tail.p_model : tail.p;
  const broken = p > most;
  const title = api.str("panel.distribution.others_title", {
    kept: fmtNumber(tail.kept),
    count: fmtNumber(tail.count),
    model: fmtPercent(tail.p_model),
    p: fmtPercent(tail.p),
  });
  const short = api.str("panel.distribution.broken", { times: fmtNumber(p / most, 1) });
  return {
    p,
    before: cut || tail.p_model > most ? null : tail.p_model,
    word: api.str("panel.distribution.others", { count: fmtNumber(tail.count) }),
    number: cut ? fmtCut(p) : fmtPercent(p),
    title: broken ? title + "\n" + short : title,
    marks: { cut, broken, others: true },
  };
}

/** @type {(name: string, api: Page) => string} */
export function filterName(name, api) {
  const known = api.str(`panel.distribution.filter.${name}`);
  return known.startsWith("panel.distribution.filter.") ? name : known;
}

/** @type {(row: Row, last: boolean, api: Page) => string} */
function rowTitle(row, last, api) {
  const values = {
    label: row.label,
    id: row.id,
    bytes: row.bytes ?? "",
    model: fmtPercent(row.p_model, 2),
    p: fmtPercent(row.p, 2),
  };
  const lines = [api.str("panel.distribution.row_title", values)];
  if (row.cut) lines.push(api.str("panel.distribution.cut", { filter: filterName(row.cut, api) }));
  if (goesOn(row.label)) lines.push(api.str("panel.distribution.key.piece_hint"));
  if (last) lines.push(api.str("panel.distribution.choose"));
  return lines.join("\n");
}
