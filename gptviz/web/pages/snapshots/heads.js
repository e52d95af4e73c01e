// Prefix matching of every head at this moment; the one that is pressed is shown beside.

import { el, fmtNumber, setAttr, setClass, setStyle, setText, slots, within } from "../../kit/dom.js";
import { createHead, spacer } from "../../kit/panel.js";
import { indigo, inkOn } from "../../kit/theme.js";
import { createSides, pythonOf, readingOf, tableOf } from "./sides.js";

/** @import { Heads } from "./message.d.ts" */
/** @import { Part } from "./sides.js" */
/** @import { Drawn, Page, Panel } from "./types.d.ts" */

const TINT = 0.38; // of the scale: on what is darker no ink of so small a size can be read well

/** @type {(host: HTMLElement, api: Page) => Panel} */
export function createHeads(host, api) {
  /** @type {{ told: (Heads | null)[] }} */
  const memory = { told: [] };
  const menu = api.menu({
    title: api.str("snapshots.heads"),
    reading: () => readingOf(memory.told),
    python: () => pythonOf(memory.told),
    table: () =>
      tableOf(
        api,
        ["layer", "head", "score"].map((name) => api.str("snapshots.column." + name)),
        memory.told.map(rowsOf),
      ),
    picture: () => (memory.told[0]?.scores.length ? sides.node : null),
  });
  const sides = createSides("heads-sides", (place) => createGrid(api, place));
  const hint = el("p", { class: "hint", text: api.str("snapshots.heads_hint") });
  host.append(createHead(api.str("snapshots.heads"), spacer(), menu), sides.node, hint);
  return {
    update: (picture) => {
      const { heads, beside } = picture.header;
      memory.told = [heads ?? null, beside?.heads ?? null];
      setAttr(menu, "hidden", !heads?.scores.length);
      sides.show(memory.told, picture);
      setClass(host, "two", Boolean(beside));
    },
  };
}

/** @type {(told: Heads | null) => number[][] | null} */
function rowsOf(told) {
  return told ? told.scores.flatMap((row, layer) => row.map((score, head) => [layer, head, score])) : null;
}

/** @type {(api: Page, place: number) => Part<Heads>} */
function createGrid(api, place) {
  const grid = el("div", { class: "head-grid", "data-testid": place ? "other-heads" : "heads" });
  grid.addEventListener("click", (event) => {
    const cell = within(event, "button");
    if (!cell) return;
    const [layer, head] = [Number(cell.dataset.layer), Number(cell.dataset.head)];
    const { layer: l = null, head: h = null, other_layer: ol = null, other_head: oh = null } = api.view();
    // what is held of the other run stays: none of these follows another
    if (place) api.setView({ layer: l, head: h, other_layer: layer, other_head: head });
    else api.setView({ layer, head, other_layer: ol, other_head: oh });
  });
  return {
    node: grid,
    show: (told, { theme }) => {
      setStyle(grid, "--heads", String(told.scores[0]?.length ?? 1));
      const flat = told.scores.flatMap((row, l) => row.map((score, h) => ({ score, l, h })));
      const made = slots(grid, flat.length, () => el("button", { type: "button", class: "head-cell mono" }));
      flat.forEach(({ score, l, h }, i) => {
        const on = told.layer === l && told.head === h;
        const cell = /** @type {HTMLElement} */ (made[i]);
        const words = api.str("snapshots.head", { layer: l, head: h, score: fmtNumber(score, 3) });
        setText(cell, fmtNumber(score, 2));
        setAttr(cell, "data-layer", l);
        setAttr(cell, "data-head", h);
        setAttr(cell, "aria-pressed", String(on));
        setAttr(cell, "aria-label", words);
        setAttr(cell, "title", words);
        setClass(cell, "sel", on);
        setStyle(cell, "background", indigo(theme, TINT * score));
        setStyle(cell, "color", inkOn(theme, TINT * score, 1));
      });
    },
  };
}
