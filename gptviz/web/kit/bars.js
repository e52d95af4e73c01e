// The bars of the next token: ten fixed rows of tokens and one for all the others. Filled = the probability that is drawn from,
// outline = the model's own where filters or temperature changed it, hatched = cut.

import { el, fmtNumber, fmtPercent, setAttr, setClass, setStyle, setText } from "./dom.js";

const BAR_SLOTS = 10;
const SAME_BAR = 5e-4; // shares nearer than this would be drawn on the same pixel
const BREAK_AT = 2.5; // the others may be so many times the most likely token before their bar is broken, and visibly so

// update(distribution, pos) fills the rows; a click on the last position's row chooses that token.
export function createBars(host, api) {
  const memory = { rows: [], pos: 0, last: false };
  const choose = (slot) => {
    const row = memory.rows[slot];
    if (row && memory.last) api.act({ kind: "choose", id: row.id, pos: memory.pos });
  };
  const rows = Array.from({ length: BAR_SLOTS }, (_, slot) =>
    barRow("button", { type: "button", "data-testid": "bar", onclick: () => choose(slot) }),
  );
  const tail = barRow("div", { "data-testid": "tail" });
  host.append(
    el(
      "div",
      { class: "bars" },
      rows.map((row) => row.node),
      tail.node,
    ),
  );

  function update(distribution) {
    const folded = foldRows(distribution);
    Object.assign(memory, { rows: folded.rows, pos: distribution.pos, last: distribution.last });
    const most = barScale(folded);
    rows.forEach((row, slot) => fillRow(row, folded.rows[slot], most, distribution.last, api));
    fillTail(tail, folded.tail, most, api);
  }
  function clear() {
    memory.rows = [];
    for (const row of rows) setClass(row.node, "vacant", true);
    setClass(tail.node, "vacant", true);
  }
  return { update, clear };
}

// What a full-width bar stands for. One bar for thousands of tokens would leave all others as slivers: past BREAK_AT it is broken.
export function barScale({ rows, tail }) {
  const most = Math.max(1e-9, ...rows.flatMap((row) => [row.p, row.p_model]));
  const others = Math.max(tail.p, tail.p_model);
  return others > BREAK_AT * most ? most * 1.12 : Math.max(most, others);
}

// Ten rows at most: a drawn or actual token further down keeps its place and the least likely plain ones join the others.
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

function barRow(tag, attrs) {
  const parts = {
    word: el("span", { class: "bar-word mono" }),
    fill: el("i", { class: "bar-fill" }),
    ghost: el("i", { class: "bar-ghost" }),
    note: el("span", { class: "bar-note" }),
    number: el("span", { class: "bar-number mono" }),
  };
  const track = el("span", { class: "bar-track" }, parts.ghost, parts.fill, parts.note);
  return { node: el(tag, { ...attrs, class: "bar vacant" }, parts.word, track, parts.number), ...parts };
}

function fillRow(parts, row, most, last, api) {
  const { node } = parts;
  setClass(node, "vacant", !row);
  setAttr(node, "disabled", !row);
  setAttr(node, "data-id", row ? row.id : null);
  if (!row) return;
  const cut = Boolean(row.cut);
  setClass(node, "cut", cut);
  setClass(node, "drawn", row.drawn);
  setClass(node, "actual", row.actual);
  setClass(node, "fixed", !last);
  setAttr(node, "aria-disabled", !last && "true");
  setText(parts.word, row.label);
  setText(parts.number, fmtPercent(cut ? row.p_model : row.p));
  placeBar(parts, cut ? row.p_model : row.p, cut ? null : row.p_model, most, rowNote(row, last, api));
  setAttr(node, "title", rowTitle(row, last, api));
}

function rowNote(row, last, api) {
  if (row.drawn) return api.str("panel.distribution.drawn");
  if (row.actual && !last) return api.str("panel.distribution.follows");
  return row.cut ? api.str("panel.distribution.cut", { filter: filterName(row.cut, api) }) : "";
}

// The bar's width, the model's own as an outline where it differs, and a note behind whichever is longer.
function placeBar(parts, p, model, most, note) {
  const ghosted = model !== null && Math.abs(model - p) > SAME_BAR * most;
  const width = (x) => (Math.min(1, x / most) * 100).toFixed(2) + "%";
  setStyle(parts.fill, "width", width(p));
  const within = ghosted && model < p; // inside the bar an outline would be hidden: a tick then
  setClass(parts.ghost, "within", within);
  setStyle(parts.ghost, "left", within ? width(model) : "0");
  setStyle(parts.ghost, "width", within ? "2px" : width(ghosted ? model : 0));
  setAttr(parts.ghost, "hidden", !ghosted);
  setText(parts.note, note);
  const end = Math.min(1, Math.max(p, ghosted ? model : 0) / most); // a broken bar ends at the track's end
  const inside = end >= 0.6;
  setClass(parts.note, "inside", inside);
  setStyle(parts.note, "left", inside ? "auto" : (end * 100).toFixed(2) + "%");
  setStyle(parts.note, "right", inside ? ((1 - end) * 100).toFixed(2) + "%" : "auto");
}

function fillTail(parts, tail, most, api) {
  const cut = tail.kept === 0;
  setClass(parts.node, "vacant", tail.count === 0);
  setClass(parts.node, "cut", cut);
  setClass(parts.node, "others", true);
  setText(parts.word, api.str("panel.distribution.others", { count: fmtNumber(tail.count) }));
  setText(parts.number, fmtPercent(cut ? tail.p_model : tail.p));
  const p = cut ? tail.p_model : tail.p;
  const broken = p > most;
  setClass(parts.node, "broken", broken);
  placeBar(parts, p, cut || tail.p_model > most ? null : tail.p_model, most, "");
  const counts = {
    kept: fmtNumber(tail.kept),
    count: fmtNumber(tail.count),
    model: fmtPercent(tail.p_model),
    p: fmtPercent(tail.p),
  };
  const title = api.str("panel.distribution.others_title", counts);
  const short = api.str("panel.distribution.broken", { times: fmtNumber(p / most, 1) });
  setAttr(parts.node, "title", broken ? title + "\n" + short : title);
}

export function filterName(name, api) {
  const known = api.str(`panel.distribution.filter.${name}`);
  return known.startsWith("panel.distribution.filter.") ? name : known;
}

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
  if (last) lines.push(api.str("panel.distribution.choose"));
  return lines.join("\n");
}
