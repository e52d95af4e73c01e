// Prefix matching of every head at the newest record: where induction forms, one of them turns dark. The one that is pressed is shown
// beside; before the first record there are as many empty ones as the model will have.

import { el, fmtNumber, setAttr, setClass, setStyle, setText, slots, within } from "../../kit/dom.js";
import { createHead, spacer } from "../../kit/panel.js";
import { indigo, inkOn } from "../../kit/theme.js";

/** @import { Page, Panel, Shown } from "./types.d.ts" */

/** @type {(host: HTMLElement, api: Page) => Panel} */
export function createHeads(host, api) {
  /** @type {{ picture: Shown | null }} */
  const state = { picture: null };
  const small = el("small", {});
  const cells = el("div", { class: "head-grid", "data-testid": "head-grid" });
  const more = api.menu({
    title: () => api.str("training.heads"),
    reading: () => state.picture?.header.heads_reading ?? "",
    python: () => state.picture?.header.setup_python,
    table: () => ({
      columns: ["step", "best"].map((name) => api.str(`training.column.${name}`)),
      rows: state.picture?.header.best ?? [],
    }),
    picture: () => (cells.childElementCount ? cells : null),
  });
  const hint = el("p", { class: "hint", text: api.str("training.heads_hint") });
  host.append(createHead(api.str("training.heads"), small, spacer(), more), cells, hint);
  cells.addEventListener("click", (event) => {
    const cell = within(event, "button");
    if (cell) api.setView({ layer: Number(cell.dataset.layer), head: Number(cell.dataset.head) });
  });
  return {
    update: (picture) => {
      state.picture = picture;
      const { heads, heads_step } = picture.header;
      setAttr(more, "hidden", heads.length === 0);
      setText(small, heads.length ? api.str("training.at_step", { step: fmtNumber(heads_step) }) : "");
      const { n_layer, n_head } = api.view();
      const scores = heads.length ? heads : Array.from({ length: n_layer }, () => Array(n_head).fill(null));
      setStyle(cells, "--heads", String(scores[0].length));
      const flat = scores.flatMap((layer, l) => layer.map((score, h) => ({ score, l, h })));
      const made = slots(cells, flat.length, () =>
        el("button", { type: "button", class: "head-cell mono" }, el("span", {})),
      );
      const { attention } = picture.header;
      flat.forEach(({ score, l, h }, i) => {
        const cell = /** @type {HTMLButtonElement} */ (made[i]);
        const on = attention !== null && attention.layer === l && attention.head === h;
        const told = api.str("training.head", { layer: l, head: h, score: fmtNumber(score, 3) });
        setText(cell.children[0], fmtNumber(score, 2));
        setAttr(cell, "data-layer", l);
        setAttr(cell, "data-head", h);
        setAttr(cell, "disabled", score === null);
        setAttr(cell, "aria-pressed", String(on));
        setAttr(cell, "aria-label", told);
        setAttr(cell, "title", told);
        setClass(cell, "sel", on);
        setStyle(cell, "background", score === null ? "none" : indigo(picture.theme, score));
        setStyle(cell, "color", score === null ? picture.theme.mute : inkOn(picture.theme, score, 1));
      });
    },
  };
}
