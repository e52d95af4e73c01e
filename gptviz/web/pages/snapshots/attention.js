// The head looked at, on the text: each row is what one token looks at, with what may not be looked at struck out.

import { el, setAttr, setText } from "../../kit/dom.js";
import { createHead, spacer } from "../../kit/panel.js";
import { drawRows } from "../../kit/rows.js";
import { createSides, isThere, LETTERS, pythonOf, readingOf } from "./sides.js";

/** @import { Attention } from "./message.d.ts" */
/** @import { Part, Row } from "./sides.js" */
/** @import { Drawn, Page, Panel } from "./types.d.ts" */
/** @typedef {{ told: (Attention | null)[], patterns: ArrayLike<number>[] }} Memory */

/** @type {(host: HTMLElement, api: Page) => Panel} */
export function createAttention(host, api) {
  /** @type {Memory} */
  const memory = { told: [], patterns: [[], []] };
  const small = el("small", {});
  const menu = api.menu({
    title: api.str("snapshots.attention"),
    reading: () => (isThere(memory.told) ? readingOf(memory.told) : api.str("empty.hint")),
    python: () => pythonOf(memory.told),
    table: () => tableOf(memory, api),
    picture: () => (isThere(memory.told) ? sides.node : null),
  });
  const sides = createSides("maps", (place) => createMap(memory, place));
  const hint = el("p", { class: "hint empty" });
  host.append(createHead(api.str("snapshots.attention"), small, spacer(), menu), sides.node, hint);
  return {
    update: (picture) => {
      const { header, blob } = picture;
      memory.told = [header.attention ?? null, header.beside?.attention ?? null];
      memory.patterns = [blob("pattern") ?? [], blob("other_pattern") ?? []];
      const there = isThere(memory.told);
      setAttr(menu, "hidden", !there);
      setText(hint, there ? "" : api.str("empty.hint"));
      sides.show(memory.told, picture);
      setText(small, there ? whichOf(picture, api) : "");
    },
  };
}

// Which head it is; of two runs, of each.
/** @type {(picture: Drawn, api: Page) => string} */
function whichOf({ header: { heads, beside } }, api) {
  const said = [heads, beside?.heads].flatMap((one) =>
    one ? [api.str("snapshots.which_head", { layer: one.layer, head: one.head })] : [],
  );
  return said.length > 1 ? said.map((words, i) => `${LETTERS[i]}: ${words}`).join(" · ") : (said[0] ?? "");
}

/** @type {(memory: Memory, place: number) => Part<Attention>} */
function createMap(memory, place) {
  const map = el("div", {
    class: "moment-map",
    "data-testid": place ? "other-attention" : "attention",
    role: "img",
  });
  return {
    node: map,
    show: ({ labels, reading }, { theme }) => {
      setAttr(map, "aria-label", reading);
      drawRows(map, { labels, pattern: memory.patterns[place], row: "moment-row" }, theme);
    },
  };
}

// A matrix with its tokens; of two runs, one below the other, each with its own.
/** @type {(memory: Memory, api: Page) => { columns: string[], rows: Row[] }} */
function tableOf({ told, patterns }, api) {
  const token = api.str("snapshots.column.token");
  const [one, other] = told.map((own, place) => {
    const labels = own?.labels ?? [];
    const row = (/** @type {number} */ i) => labels.map((_, j) => patterns[place][i * labels.length + j]);
    return { labels, rows: labels.map((label, i) => /** @type {Row} */ ([label, ...row(i)])) };
  });
  if (!told[1]) return { columns: [token, ...(one?.labels ?? [])], rows: one?.rows ?? [] };
  const most = Math.max(one.labels.length, other.labels.length);
  const wide = (/** @type {Row} */ row) => [...row, .../** @type {string[]} */ (Array(most + 1 - row.length).fill(""))];
  const columns = Array.from({ length: most }, (_, j) => String(j));
  return {
    columns: [api.str("snapshots.column.run"), token, ...columns],
    rows: [one, other].flatMap(({ rows }, place) => rows.map((row) => [LETTERS[place], ...wide(row)])),
  };
}
