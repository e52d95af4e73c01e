// Prefix matching of every head at the last evaluation: where induction forms, one of them turns dark.

import { el, fmtNumber, setAttr, setStyle, setText, slots } from "../../kit/dom.js";
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
  return {
    update: (picture) => {
      state.picture = picture;
      const { heads, heads_step } = picture.header;
      setAttr(more, "hidden", heads.length === 0);
      setText(small, heads.length ? api.str("training.at_step", { step: fmtNumber(heads_step) }) : "");
      setStyle(cells, "--heads", String(heads[0]?.length ?? 1));
      const flat = heads.flatMap((layer, l) => layer.map((score, h) => ({ score, l, h })));
      const made = slots(cells, flat.length, () => el("span", { class: "head-cell mono" }));
      flat.forEach(({ score, l, h }, i) => {
        setText(made[i], fmtNumber(score, 2));
        setStyle(made[i], "background", indigo(picture.theme, score));
        setStyle(made[i], "color", inkOn(picture.theme, score, 1));
        setAttr(made[i], "title", api.str("training.head", { layer: l, head: h, score: fmtNumber(score, 3) }));
      });
    },
  };
}
