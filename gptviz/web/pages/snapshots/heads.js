// Prefix matching of every head at this moment; the one that is pressed is shown beside.

import { el, fmtNumber, setAttr, setClass, setStyle, setText, slots, within } from "../../kit/dom.js";
import { createHead, spacer } from "../../kit/panel.js";
import { indigo, inkOn } from "../../kit/theme.js";

/** @import { Heads } from "./message.d.ts" */
/** @import { Drawn, Page, Panel } from "./types.d.ts" */

const TINT = 0.38; // of the scale: on what is darker no ink of so small a size can be read well

/** @type {(host: HTMLElement, api: Page) => Panel} */
export function createHeads(host, api) {
  /** @type {Heads | null} */
  let shown = null;
  const menu = api.menu({
    title: api.str("snapshots.heads"),
    reading: () => shown?.reading ?? "",
    python: () => shown?.python,
    table: () => ({
      columns: ["layer", "head", "score"].map((name) => api.str("snapshots.column." + name)),
      rows: (shown?.scores ?? []).flatMap((row, layer) => row.map((score, head) => [layer, head, score])),
    }),
    picture: () => (shown?.scores.length ? grid : null),
  });
  const grid = el("div", { class: "head-grid", "data-testid": "heads" });
  const hint = el("p", { class: "hint", text: api.str("snapshots.heads_hint") });
  host.append(createHead(api.str("snapshots.heads"), spacer(), menu), grid, hint);
  grid.addEventListener("click", (event) => {
    const cell = within(event, "button");
    if (cell) api.setView({ layer: Number(cell.dataset.layer), head: Number(cell.dataset.head) });
  });
  return {
    /** @param {Drawn} picture */
    update: ({ header, theme }) => {
      shown = header.heads ?? null;
      setAttr(menu, "hidden", !shown?.scores.length);
      setStyle(grid, "--heads", String(shown?.scores[0]?.length ?? 1));
      const flat = (shown?.scores ?? []).flatMap((row, l) => row.map((score, h) => ({ score, l, h })));
      const made = slots(grid, flat.length, () => el("button", { type: "button", class: "head-cell mono" }));
      flat.forEach(({ score, l, h }, i) => {
        const on = shown?.layer === l && shown.head === h;
        const cell = /** @type {HTMLElement} */ (made[i]);
        setText(cell, fmtNumber(score, 2));
        setAttr(cell, "data-layer", l);
        setAttr(cell, "data-head", h);
        setAttr(cell, "aria-pressed", String(on));
        setAttr(cell, "aria-label", api.str("snapshots.head", { layer: l, head: h, score: fmtNumber(score, 3) }));
        setAttr(cell, "title", api.str("snapshots.head", { layer: l, head: h, score: fmtNumber(score, 3) }));
        setClass(cell, "sel", on);
        setStyle(cell, "background", indigo(theme, TINT * score));
        setStyle(cell, "color", inkOn(theme, TINT * score, 1));
      });
    },
  };
}
