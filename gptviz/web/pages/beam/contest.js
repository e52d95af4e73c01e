// Was it worth it? The finished texts in order of their score with greedy's beside them, and what other widths find.

import { el, fmtNumber, fmtPercent, partsOf, setAttr, setClass, setText, slots } from "../../kit/dom.js";
import { createHead, spacer } from "../../kit/panel.js";

/** @import { BeamHeader, Rung, TreeView } from "./message.d.ts" */
/** @import { Line, Page, Panel } from "./types.d.ts" */
/** @import { Table } from "../../types.d.ts" */

// The finished texts. Gives { update(picture) }.
/** @type {(host: HTMLElement, api: Page) => Panel} */
export function createRanking(host, api) {
  const small = el("small", {});
  const verdict = el("p", { class: "beam-verdict", "data-testid": "verdict", role: "status" });
  const list = contestList();
  /** @type {{ header: BeamHeader | null }} */
  const state = { header: null };
  const more = api.menu({
    title: () => api.str("beam.ranking"),
    reading: () => [state.header?.verdict, state.header?.tree.reading].filter(Boolean).join(" "),
    table: () => rankingTable(api, state.header),
    picture: () => (state.header?.tree.finals.length ? host : null),
    python: () => state.header?.tree.python,
  });
  host.append(createHead(api.str("beam.ranking"), small, spacer(), more), verdict, list.node);
  return {
    update: ({ header }) => {
      state.header = header;
      const { tree, rungs } = header;
      const greedy = rungs.find((rung) => rung.width === 0);
      setText(small, api.str("beam.ranking_small", { count: tree.finals.length }));
      setText(verdict, header.verdict);
      /** @type {Line[]} */
      const rows = tree.finals.map((final, i) => ({
        mark: String(i + 1),
        text: final.text,
        total: final.total,
        score: final.score,
        won: tree.done && i === 0,
        ends: final.ends,
        pick: () => api.setView({ step: 0, node: final.node }),
        note: tree.n_groups > 1 ? api.str("beam.group", { group: final.group + 1 }) : "",
      }));
      if (greedy)
        rows.push({
          mark: "",
          text: greedy.text,
          total: greedy.total,
          score: greedy.score,
          greedy: true,
          note: api.str("strategy.greedy"),
        });
      list.show(rows, api);
    },
  };
}

// What other widths find. Gives { update(picture) }.
/** @type {(host: HTMLElement, api: Page) => Panel} */
export function createLadder(host, api) {
  const small = el("small", { text: api.str("beam.ladder_small") });
  const note = el("p", { class: "beam-verdict", "data-testid": "ladder-note" });
  const list = contestList();
  /** @type {{ header: BeamHeader | null }} */
  const state = { header: null };
  const more = api.menu({
    title: () => api.str("beam.widths"),
    reading: () => [state.header?.ladder_note, state.header?.ladder_reading].filter(Boolean).join(" "),
    python: () => state.header?.ladder_python,
    table: () => ladderTable(api, state.header),
    picture: () => (state.header?.rungs.length ? host : null),
  });
  host.append(createHead(api.str("beam.widths"), small, spacer(), more), note, list.node);
  return {
    update: ({ header }) => {
      state.header = header;
      setText(note, header.ladder_note || (header.running ? api.str("beam.searching") : ""));
      /** @type {Line[]} */
      const rows = header.rungs.map((rung) => ({
        mark: rung.width ? String(rung.width) : "",
        text: rung.text,
        total: rung.total,
        score: rung.score,
        won: rung.best,
        share: rung.distinct_2,
        note: rung.width ? ownGroups(rung, header.tree, api) : api.str("strategy.greedy"),
        current: rung.width === api.view().width,
        greedy: rung.width === 0,
        pick: rung.width
          ? () =>
              api.setView({
                width: rung.width,
                n_groups: rung.width % api.view().n_groups ? 1 : api.view().n_groups,
                step: 0,
                node: -1,
              })
          : null,
      }));
      list.show(rows, api);
    },
  };
}

// The width of the main search may be split into groups; the other rungs are plain.
/** @type {(rung: Rung, tree: TreeView, api: Page) => string} */
function ownGroups(rung, tree, api) {
  return tree.n_groups > 1 && rung.width === tree.width ? api.str("beam.in_groups", { groups: tree.n_groups }) : "";
}

// Rows of a mark, a text and two numbers; the best has a magenta mark.
/** @type {() => { node: HTMLElement, show: (rows: Line[], api: Page) => void }} */
function contestList() {
  /** @type {Map<HTMLElement, () => void>} */
  const picks = new Map();
  const node = el("ol", { class: "contest edged", tabindex: "0" });
  const make = () => {
    const button = el(
      "button",
      { type: "button", class: "line" },
      el("span", { class: "mono mark" }),
      el("span", { class: "words" }, el("span", { class: "aside" }), el("span", { class: "t" })),
      el("span", { class: "mono total" }),
      el("span", { class: "mono score" }),
    );
    button.addEventListener("click", () => picks.get(button)?.());
    return el("li", {}, button);
  };
  /** @param {Page} api */
  const head = (api) => [api.str("beam.column.text"), api.str("beam.column.total"), api.str("beam.column.score")];
  const caption = el(
    "div",
    { class: "contest-head", "aria-hidden": "true" },
    el("span", {}),
    el("span", {}),
    el("span", {}),
    el("span", {}),
  );
  /** @param {Line[]} rows @param {Page} api */
  const show = (rows, api) => {
    head(api).forEach((text, i) => setText(caption.children[i + 1], text));
    setAttr(node, "aria-label", head(api).join(", "));
    setClass(caption, "bare", rows.length === 0);
    const made = slots(node, rows.length, make);
    rows.forEach((row, i) => showLine(partsOf(made[i])[0], row, picks, api));
  };
  return { node: el("div", { class: "contest-box" }, caption, node), show };
}

/** @type {(button: HTMLElement, row: Line, picks: Map<HTMLElement, () => void>, api: Page) => void} */
function showLine(button, row, picks, api) {
  const [mark, words, total, score] = button.children;
  setText(mark, row.mark);
  setText(words.children[0], row.note);
  setText(words.children[1], row.text.replaceAll("\n", "") || api.str("beam.no_text"));
  setText(total, fmtNumber(row.total, 2));
  setText(score, fmtNumber(row.score, 3));
  for (const name of /** @type {const} */ (["won", "greedy", "current"])) setClass(button, name, row[name]);
  setAttr(button, "aria-disabled", row.pick ? null : "true");
  setAttr(
    button,
    "title",
    row.share === undefined || row.share === null
      ? row.text
      : row.text + "\n" + api.str("beam.share", { share: fmtPercent(row.share, 0) }),
  );
  if (row.pick) picks.set(button, row.pick);
  else picks.delete(button);
}

/** @type {(api: Page, header: BeamHeader | null) => Table} */
function rankingTable(api, header) {
  const columns = ["rank", "group", "text", "length", "total", "score"].map((name) => api.str("beam.column." + name));
  return {
    columns,
    rows: (header?.tree.finals ?? []).map((final, i) => [
      i + 1,
      final.group + 1,
      final.text.replaceAll("\n", ""),
      final.length,
      final.total,
      final.score,
    ]),
  };
}

/** @type {(api: Page, header: BeamHeader | null) => Table} */
function ladderTable(api, header) {
  const columns = ["width", "text", "length", "total", "score", "distinct"].map((name) =>
    api.str("beam.column." + name),
  );
  return {
    columns,
    rows: (header?.rungs ?? []).map((r) => [
      r.width || api.str("strategy.greedy"),
      r.text.replaceAll("\n", ""),
      r.length,
      r.total,
      r.score,
      r.distinct_2,
    ]),
  };
}
