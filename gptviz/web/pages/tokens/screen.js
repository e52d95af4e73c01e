// The film as it is seen: the pieces of the pre-split side by side, in each its parts after so many merges; below, the merge that was
// just made, and the one that comes.

import { createLabel, writeLabel } from "../../kit/chips.js";
import { el, fmtNumber, setAttr, setClass, setText, slots, within } from "../../kit/dom.js";
import { createHead, spacer } from "../../kit/panel.js";
import { filmOf, lookAt, mergeAt, partsAfter, posOf, stepOf } from "./film.js";

/** @import { Film, Page, Panel, Part, Shown, Stepper } from "./types.d.ts" */
/** @import { PieceOfText } from "./message.d.ts" */
/** @import { Table } from "../../types.d.ts" */

const LARGE = 48; // bytes that have room at twice the size

/** @type {(host: HTMLElement, api: Page, stepper: Stepper) => Panel} */
export function createScreen(host, api, stepper) {
  /** @type {{ film: Film | null }} */
  const state = { film: null };
  const small = el("small", { "data-testid": "film-small" });
  const more = api.menu({
    title: api.str("tokens.film"),
    reading: () => state.film?.said.reading ?? api.str("empty.hint"),
    python: () => state.film?.said.python ?? "",
    table: () => mergesTable(state.film, api),
    picture: () => (state.film ? screen : null),
  });
  const pieces = el("div", { class: "film-pieces", "data-testid": "film", tabindex: "0", role: "img" });
  const told = el("p", { class: "film-merge", "data-testid": "film-merge" });
  const next = el("p", { class: "film-merge quiet" });
  const screen = el("div", { class: "film-screen" }, pieces, el("div", { class: "film-told" }, told, next));
  pieces.addEventListener("click", (event) => {
    const part = within(event, "[data-pos]");
    if (part) lookAt(api, Number(part.dataset.pos));
  });
  host.append(createHead(api.str("tokens.film"), small, spacer(), stepper.node, more), screen);

  /** @param {Shown} picture */
  function update(picture) {
    const film = filmOf(picture);
    state.film = film;
    stepper.update(film?.joins.length ?? 0);
    setAttr(stepper.node, "hidden", !film || film.joins.length === 0);
    setAttr(pieces, "data-ids", film ? film.said.token_ids.join(",") : "");
    setAttr(pieces, "aria-label", film?.said.reading ?? api.str("empty.hint"));
    if (!film) {
      pieces.replaceChildren();
      for (const [node, key] of /** @type {const} */ ([
        [small, ""],
        [told, "empty.hint"],
        [next, ""],
      ]))
        setText(node, key && api.str(key));
      return;
    }
    const at = stepOf(film, api.view().step);
    setAttr(pieces, "data-step", at);
    setClass(pieces, "large", film.said.n_bytes <= LARGE);
    setText(small, headOf(film, at, api));
    drawPieces(pieces, film, at, posOf(api));
    tell(told, next, film, at, api);
  }
  return { update };
}

/** @type {(film: Film, at: number, api: Page) => string} */
function headOf({ said, joins }, at, api) {
  if (said.kind !== "merges") return api.str("tokens.kind." + said.kind);
  return api.str("tokens.where", {
    bytes: fmtNumber(said.n_bytes),
    pieces: fmtNumber(said.pieces.length),
    step: fmtNumber(at),
    steps: fmtNumber(joins.length),
    parts: fmtNumber(said.first_labels.length - at),
  });
}

// Once nothing is left to merge the parts are tokens, each at its position: that looked at is framed, and another can be chosen.
/** @type {(host: HTMLElement, film: Film, at: number, pos: number) => void} */
function drawPieces(host, film, at, pos) {
  const parts = partsAfter(film, at);
  const [made, coming] = [film.joins[at - 1], film.joins[at]];
  const final = film.joins.length === at;
  const boxes = slots(host, film.said.pieces.length, () =>
    el(
      "span",
      { class: "film-piece" },
      el("span", { class: "film-caption" }, createLabel()),
      el("span", { class: "film-parts" }),
    ),
  );
  const first = final ? film.said.first_pos : null;
  let [from, token] = [0, first];
  film.said.pieces.forEach((piece, i) => {
    const inside = [];
    while (from < parts.length && parts[from].start < piece.stop) inside.push(parts[from++]);
    const [caption, list] = boxes[i].children;
    writeLabel(caption.children[0], piece.label);
    setClass(boxes[i], "added", piece.added);
    drawParts(list, inside, piece, { made, coming, final, token, pos });
    if (token !== null) token += inside.length;
  });
}

/** @type {(host: Element, parts: Part[], piece: PieceOfText, at: { made: { start: number, stop: number } | undefined, coming: { start: number, middle: number } | undefined, final: boolean, token: number | null, pos: number }) => void} */
function drawParts(host, parts, piece, { made, coming, final, token, pos }) {
  const nodes = slots(host, parts.length, () => el("span", { class: "film-part" }, createLabel()));
  parts.forEach((part, i) => {
    writeLabel(nodes[i].children[0], part.label);
    const joined = part.stop - part.start > 1 || final || piece.added;
    setClass(nodes[i], "whole", joined);
    setClass(nodes[i], "made", !final && made?.start === part.start && made.stop === part.stop);
    setAttr(nodes[i], "data-pos", token === null ? null : token + i);
    setClass(nodes[i], "sel", token !== null && token + i === pos);
    setClass(nodes[i], "coming", coming !== undefined && (part.start === coming.start || part.start === coming.middle));
  });
}

// The last merge, and the one that comes: "t + he → the, rank 5 → id 261".
/** @type {(told: HTMLElement, next: HTMLElement, film: Film, at: number, api: Page) => void} */
function tell(told, next, film, at, api) {
  if (film.joins.length === 0) {
    setText(told, film.said.kind === "merges" ? api.str("tokens.none") : api.str(`tokens.kind_hint.${film.said.kind}`));
    setText(next, "");
    return;
  }
  /** @param {number} place @param {string} key */
  const say = (place, key) => {
    const merge = mergeAt(film, place);
    if (!merge) return "";
    const { join, left, right, made } = merge;
    return api.str(key, { left, right, made, rank: fmtNumber(join.rank), id: fmtNumber(join.id) });
  };
  setText(told, at === 0 ? api.str("tokens.bytes") : say(at - 1, "tokens.merge"));
  const end = at === film.joins.length;
  setText(
    next,
    end ? api.str("tokens.end", { tokens: fmtNumber(film.said.token_ids.length) }) : say(at, "tokens.next"),
  );
}

/** @type {(film: Film | null, api: Page) => Table} */
function mergesTable(film, api) {
  const columns = ["step", "left", "right", "made", "rank", "id", "start", "stop"].map((name) =>
    api.str("tokens.column." + name),
  );
  if (!film) return { columns, rows: [] };
  const rows = film.joins.map((join, i) => {
    const merge = mergeAt(film, i);
    return [i + 1, merge?.left, merge?.right, merge?.made, join.rank, join.id, join.start, join.stop];
  });
  return { columns, rows };
}
