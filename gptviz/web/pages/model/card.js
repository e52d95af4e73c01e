// A card of the model page, and the one of the heads with a habit.

import { el, fmtNumber } from "../../kit/dom.js";
import { createHead, spacer } from "../../kit/panel.js";
import { bestHead, headsTable } from "./tables.js";

/** @import { Facts, Recipes } from "./message.d.ts" */
/** @import { Induction, Page, TableTold } from "./types.d.ts" */

// `told` is what its ⋯ says of it, from tables.js; a card that shows no numbers has none.
/** @type {(name: keyof Recipes | "how" | "none", title: string, note: string, body: HTMLElement, told: TableTold | null, page: Page) => HTMLElement} */
export function modelCard(name, title, note, body, told, page) {
  const wide = name === "data" || name === "how";
  const python = () => (name === "how" || name === "none" ? "" : page.picture()?.header.recipes[name]);
  const menu = told && page.menu({ title, reading: told.reading, table: () => told, python, picture: () => body });
  return el(
    "section",
    { class: "card " + name + "-card" + (wide ? " wide" : ""), "data-testid": "model-" + name },
    createHead(title, el("small", { text: note }), spacer(), menu),
    body,
  );
}

/** @type {(found: Induction, facts: Facts, page: Page) => HTMLElement} */
export function headsCard(found, facts, page) {
  const { str } = page;
  const kinds = /** @type {const} */ (["prefix_matching", "previous_token", "first_token"]);
  const rows = kinds.map((kind) =>
    el(
      "div",
      { class: "kind" },
      el("h3", { text: str("model_page.head." + kind) }),
      el("p", { class: "hint", text: str("model_page.head_hint." + kind) }),
      headGrid(found[kind].heads, kind, facts, page),
      el("p", { class: "mono best", text: bestHead(found[kind], str) }),
    ),
  );
  return modelCard(
    "heads",
    str("model_page.heads"),
    str("model_page.heads_note", { first: fmtNumber(found.first_bits, 1), second: fmtNumber(found.second_bits, 1) }),
    el("div", { class: "kinds" }, rows),
    headsTable(found, str),
    page,
  );
}

// One cell per head, layers down, heads across, as in the mosaic of the first screen.
/** @type {(scores: number[][], kind: string, facts: Facts, page: Page) => HTMLElement} */
function headGrid(scores, kind, facts, page) {
  const most = Math.max(...scores.flat());
  const label = page.str("model_page.head." + kind) + ": " + fmtNumber(most, 2);
  return el(
    "div",
    {
      class: "head-grid",
      role: "img",
      "aria-label": label,
      style: `grid-template-columns:repeat(${facts.n_head},1fr)`,
    },
    scores.flatMap((row, layer) =>
      row.map((score, head) =>
        el("i", {
          style: `--v:${score.toFixed(3)}`,
          title: page.str("model_page.head_score", { layer, head, score: fmtNumber(score, 3) }),
        }),
      ),
    ),
  );
}
