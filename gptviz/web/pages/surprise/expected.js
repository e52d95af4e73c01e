// What else the model expected where the chosen token stands: its first choices, and the token that came.

import { barScale, showBars } from "../../kit/bars.js";
import { el, fmtNumber, fmtPercent, numbersOf, setAttr, setText } from "../../kit/dom.js";
import { createHead, spacer } from "../../kit/panel.js";
import { scoreOf } from "./words.js";

/** @import { BarRow, BarShape } from "../../kit/bars.js" */
/** @import { ExpectedRow, Page, Panel, Place, Shown } from "./types.d.ts" */
/** @import { SurpriseView } from "./message.d.ts" */
/** @import { Table } from "../../types.d.ts" */

const CONTEXT_TOKENS = 8;
const EXPECTED_TOP = 5;
/** @type {BarShape} */
const SHAPE = {
  cells: ["lead", "word", "track", "number"],
  track: ["fill", "note"],
  classes: { lead: "bar-rank mono" },
};

/** @type {(host: HTMLElement, api: Page) => Panel} */
export function createExpected(host, api) {
  /** @type {Shown | null} */
  let shown = null;
  const small = el("small", {});
  const head = createHead(api.str("surprise.expected"), small, spacer());
  head.append(
    api.menu({
      title: api.str("surprise.expected"),
      reading: () => expectedReading(shown, api),
      table: () => expectedTable(shown, api),
      python: () => shown?.header.python ?? "",
      picture: () => (shown ? box : null),
    }),
  );
  const context = el("p", { class: "context mono" });
  const list = el("div", { class: "expected-bars" });
  const facts = el("p", { class: "expected-facts" });
  const box = el("div", { class: "panel expected", "data-testid": "expected", role: "group" }, context, list, facts);
  const empty = el("p", { class: "hint", text: api.str("surprise.choose") });
  host.append(head, box, empty);

  /** @param {Shown} picture */
  function update(picture) {
    const found = placeOf(picture);
    shown = found ? picture : null;
    setAttr(box, "hidden", !found);
    setAttr(empty, "hidden", Boolean(found));
    if (!found) return setText(small, "");
    const { view, pos, score, side } = found;
    setText(
      small,
      api
        .str("surprise.expected_small", { label: view.labels[pos], name: picture.header.sides[1] ? "AB"[side] : "" })
        .trim(),
    );
    setText(context, contextOf(view, pos));
    setAttr(box, "data-token", pos);
    setAttr(box, "aria-label", expectedReading(picture, api));
    const rows = expectedRows(found, picture);
    const most = barScale(Math.max(...rows.map((row) => row.p)), 0);
    showBars(
      list,
      rows.map((row) => expectedBar(row, api)),
      most,
      SHAPE,
    );
    setText(facts, api.str("surprise.facts", { bits: fmtNumber(score.bits, 2), entropy: fmtNumber(score.entropy, 2) }));
  }
  return { update };
}

/** @type {(picture: Shown) => Place | null} */
function placeOf(picture) {
  const { sides, view: controls, token } = picture.header;
  const { side } = controls;
  const view = sides[side];
  const score = view ? scoreOf(picture, side, token) : null;
  return view && score ? { view, side, pos: token, score } : null;
}

/** @type {(view: SurpriseView, pos: number) => string} */
function contextOf(view, pos) {
  const before = view.labels.slice(Math.max(0, pos - CONTEXT_TOKENS), pos).join("");
  return (pos > CONTEXT_TOKENS ? "…" : (view.start ?? "")) + before + " → ?";
}

// The first choices; the token that came is among them, or follows with its rank.
/** @type {(place: Place, picture: Shown) => ExpectedRow[]} */
function expectedRows({ view, side, pos, score }, picture) {
  const table = numbersOf(picture, "ab"[side] + ".expected");
  const at = pos * 2 * EXPECTED_TOP;
  const own = view.token_ids[pos];
  /** @type {ExpectedRow[]} */
  const rows = Array.from({ length: EXPECTED_TOP }, (_, i) => ({
    id: table[at + i],
    p: table[at + EXPECTED_TOP + i],
    rank: i + 1,
  }))
    .filter((row) => row.p > 0 || row.rank === 1)
    .map((row) => ({ ...row, label: view.names[row.id], came: row.id === own }));
  if (!rows.some((row) => row.came))
    rows.push({ id: own, p: score.p, rank: score.rank, label: view.labels[pos], came: true, far: true });
  return rows;
}

/** @type {(row: ExpectedRow, api: Page) => BarRow} */
function expectedBar({ label, rank, p, came, far }, api) {
  return {
    p,
    lead: "#" + fmtNumber(rank),
    word: label,
    number: fmtPercent(p, p < 0.001 ? 3 : 1),
    note: came ? api.str("surprise.came") : "",
    marks: { actual: came, far },
  };
}

/** @type {(picture: Shown | null, api: Page) => string} */
function expectedReading(picture, api) {
  const found = picture && placeOf(picture);
  if (!picture || !found) return api.str("surprise.choose");
  const listed = expectedRows(found, picture)
    .filter((row) => !row.far)
    .map((row) => `${row.label} ${fmtPercent(row.p)}`)
    .join(", ");
  return api.str("surprise.reading.expected", {
    context: contextOf(found.view, found.pos),
    items: listed,
    label: found.view.labels[found.pos],
    p: fmtPercent(found.score.p, 2),
    rank: fmtNumber(found.score.rank),
    bits: fmtNumber(found.score.bits, 2),
  });
}

/** @type {(picture: Shown | null, api: Page) => Table} */
function expectedTable(picture, api) {
  const columns = ["rank", "token", "id", "p"].map((name) => api.str("surprise.column." + name));
  const found = picture && placeOf(picture);
  return {
    columns,
    rows: picture && found ? expectedRows(found, picture).map((row) => [row.rank, row.label, row.id, row.p]) : [],
  };
}
