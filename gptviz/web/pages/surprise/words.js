// The tokens of one text as chips, coloured by surprisal or by rank, with the number on them that the colour stands for.

import { createChipList } from "../../kit/chips.js";
import { el, fmtNumber, fmtPercent, numbersOf, setAttr, setClass, setText } from "../../kit/dom.js";
import { BITS_AT_FULL_COLOUR, surprisalColour, warmColour } from "../../kit/theme.js";

/** @import { Page, Panel, Shown } from "./types.d.ts" */
/** @import { SurpriseView } from "./message.d.ts" */
/** @import { Score } from "./types.d.ts" */
/** @import { ShownChip } from "../../kit/chips.js" */
/** @import { Table } from "../../types.d.ts" */

const RANK_STEPS = [1, 10, 100, 1000]; // as coloured: first, among the first 10, 100, 1,000, beyond
const RUNNING_TEXT = 300; // from so many tokens on they are set as running text, without numbers

// The numbers of one token, or null where it has none.
/** @type {(picture: Shown, side: number, pos: number) => Score | null} */
export function scoreOf(picture, side, pos) {
  const table = numbersOf(picture, "ab"[side] + ".scores");
  if (pos * 5 >= table.length || !(pos >= 0) || Number.isNaN(table[pos * 5])) return null;
  const [p, bits, nats, rank, entropy] = table.subarray(pos * 5, pos * 5 + 5);
  return { p, bits, nats, rank, entropy };
}

/** @type {(rank: number) => string} */
function rankColour(rank) {
  const step = RANK_STEPS.findIndex((most) => rank <= most);
  return warmColour((step < 0 ? RANK_STEPS.length : step) / RANK_STEPS.length);
}

// A text in which ^3 means "to the power of 3", written into a node with raised exponents.
/** @type {(node: HTMLElement, text: string) => void} */
export function writePowers(node, text) {
  if (node.dataset.text === text) return;
  node.dataset.text = text;
  node.replaceChildren(...text.split(/\^([−\d.,]*\d)/).map((part, i) => (i % 2 ? el("sup", { text: part }) : part)));
}

/** @type {(host: HTMLElement, api: Page, side: number) => Panel} */
export function createWords(host, api, side) {
  const name = "AB"[side];
  /** @type {Shown | null} */
  let shown = null;
  const badge = el("span", { class: "text-badge", text: name });
  const count = el("small", {});
  const readout = el("span", { class: "chip-readout mono" });
  const list = el("div", {
    class: "chips words",
    "data-testid": "chips-" + name.toLowerCase(),
    role: "group",
    "aria-label": api.str("surprise.tokens_of", { name }),
  });
  const legend = el("span", { class: "legend-bits" });
  const switcher = side === 0 ? colourSwitch(api) : null;
  const head = el(
    "div",
    { class: "head" },
    badge,
    el("h2", { text: api.str("surprise.tokens") }),
    count,
    readout,
    switcher?.node,
    legend,
  );
  head.append(
    api.menu({
      title: () => `${api.str("surprise.tokens")} ${name}`,
      reading: () => shown?.header.sides[side]?.reading ?? api.str("empty.hint"),
      table: () => wordsTable(shown, side, api),
      python: () => shown?.header.python ?? "",
      picture: () => (shown ? list : null),
    }),
  );
  host.append(head, list);
  /** @param {number} pos */
  const tell = (pos) => setText(readout, shown ? wordDetails(shown, side, pos, api) : "");
  const chosen = () => (shown?.header.view.side === side ? shown.header.token : -1);
  const chips = createChipList({
    list,
    testid: "word",
    wrap: (chip) => el("span", { class: "unit" }, chip),
    select: (pos) => api.setView({ side, token: pos }),
    hover: (pos) => tell(pos ?? chosen()),
  });

  /** @param {Shown} picture */
  function update(picture) {
    const view = picture.header.sides[side];
    shown = view ? picture : null;
    setAttr(host, "hidden", side === 1 && !view);
    setClass(host, "alone", side === 0 && !picture.header.sides[1]);
    setAttr(badge, "hidden", !picture.header.sides[1]);
    const { colour } = api.view();
    switcher?.update(colour);
    drawLegend(legend, colour, api);
    const labels = view ? view.labels : [];
    const waiting = view && view.n_scored + view.skipped < view.n_tokens;
    setText(
      count,
      view
        ? api.str(waiting ? "surprise.counting" : "surprise.counted", {
            count: fmtNumber(view.n_tokens),
            done: fmtNumber(view.n_scored),
          })
        : api.str("empty.hint"),
    );
    setClass(count, "size", !waiting);
    setClass(list, "running-text", labels.length > RUNNING_TEXT);
    const selected = picture.header.view.side === side ? picture.header.token : -1;
    // where nothing is chosen, the keyboard comes in at the first
    chips.show(
      view ? chipsOf(picture, side, view, colour) : [],
      selected,
      picture.header.view.side === side ? selected : 0,
    );
    labels.forEach((_, pos) => setClass(list.children[pos], "eol", view?.newlines.includes(pos)));
    setAttr(list, "data-ids", view ? view.token_ids.join(",") : "");
    tell(selected);
  }
  return { update };
}

// The tokens of one side as the chips want them.
/** @type {(picture: Shown, side: number, view: SurpriseView, colour: string) => ShownChip[]} */
function chipsOf(picture, side, view, colour) {
  const special = new Set(view.special);
  return view.labels.map((label, pos) => {
    const score = scoreOf(picture, side, pos);
    const piece = view.pieces[pos];
    return {
      label,
      number: !score ? "–" : colour === "rank" ? "#" + fmtNumber(score.rank) : fmtNumber(score.bits, 1),
      colour: !score ? "transparent" : colour === "rank" ? rankColour(score.rank) : surprisalColour(score.bits),
      piece: piece ? { of: piece[0], index: piece[1], count: piece[2] } : null,
      marks: { given: !score, special: special.has(pos) },
    };
  });
}

/** @type {(api: Page) => { node: HTMLElement, update: (colour: string) => void }} */
function colourSwitch(api) {
  const buttons = ["surprisal", "rank"].map((name) =>
    el("button", {
      type: "button",
      "data-testid": "by-" + name,
      title: api.str(`surprise.by_${name}_hint`),
      text: api.str("surprise.by_" + name),
      onclick: () => api.setView({ colour: name }),
    }),
  );
  const node = el(
    "span",
    { class: "inline-switch" },
    el("span", { class: "switch", role: "group", "aria-label": api.str("surprise.colour") }, buttons),
  );
  return {
    node,
    update: (colour) =>
      buttons.forEach((button) => setAttr(button, "aria-pressed", String(button.dataset.testid === "by-" + colour))),
  };
}

/** @type {(node: HTMLElement, colour: string, api: Page) => void} */
function drawLegend(node, colour, api) {
  if (node.dataset.colour === colour) return;
  node.dataset.colour = colour;
  if (colour === "surprisal") node.replaceChildren("0", el("i"), BITS_AT_FULL_COLOUR + "+ " + api.str("surprise.unit"));
  else {
    node.replaceChildren(
      ...[...RANK_STEPS, null].map((most, i) =>
        el("span", {
          class: "rank-step",
          style: `background:${warmColour(i / RANK_STEPS.length)}`,
          text: most === null ? ">1,000" : most === 1 ? "1" : "≤" + fmtNumber(most),
        }),
      ),
    );
  }
}

/** @type {(picture: Shown, side: number, pos: number, api: Page) => string} */
function wordDetails(picture, side, pos, api) {
  const view = picture.header.sides[side];
  if (!view || !(pos >= 0) || pos >= view.labels.length) return "";
  const score = scoreOf(picture, side, pos);
  const start = `${view.labels[pos]}  ${api.str("surprise.id")} ${view.token_ids[pos]}`;
  if (!score) return `${start}  ${api.str("surprise.no_score")}`;
  return `${start}  ${api.str("surprise.bits", { bits: fmtNumber(score.bits, 2) })}  ${fmtPercent(score.p, 2)}  ${api.str("surprise.rank_of", { rank: fmtNumber(score.rank) })}`;
}

/** @type {(picture: Shown | null, side: number, api: Page) => Table} */
function wordsTable(picture, side, api) {
  const columns = ["position", "token", "id", "token_bytes", "p", "bits", "nats", "rank", "entropy"].map((name) =>
    api.str("surprise.column." + name),
  );
  const view = picture?.header.sides[side];
  if (!picture || !view) return { columns, rows: [] };
  const rows = view.labels.map((label, pos) => {
    const score = scoreOf(picture, side, pos);
    const numbers = score
      ? [score.p, score.bits, score.nats, score.rank, score.entropy]
      : [null, null, null, null, null];
    return [pos, label, view.token_ids[pos], view.bytes[pos], ...numbers];
  });
  return { columns, rows };
}
