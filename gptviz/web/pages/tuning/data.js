// What is learnt from: how many of each label, and a few rows; of an instruction its tokens, those hatched that no loss is taken of.

import { el, fmtNumber, setAttr, setClass, setText, slots } from "../../kit/dom.js";
import { createHead, spacer } from "../../kit/panel.js";

/** @import { Page, Panel, Shown } from "./types.d.ts" */

/** @type {(host: HTMLElement, api: Page) => Panel} */
export function createData(host, api) {
  /** @type {{ picture: Shown | null }} */
  const state = { picture: null };
  const small = el("small", { "data-testid": "data-counts" });
  const mask = el("p", { class: "mask-row", "data-testid": "mask" });
  const hint = el("p", { class: "hint", text: api.str("tuning.mask_hint") });
  const list = el("ul", { class: "rows", "data-testid": "rows" });
  const body = el("div", { class: "data-body" }, mask, hint, list);
  const more = api.menu({
    title: () => api.str("tuning.data"),
    reading: () => state.picture?.header.data_reading ?? "",
    python: () => state.picture?.header.setup_python,
    table: () => ({
      columns: ["text", "label"].map((name) => api.str(`tuning.column.${name}`)),
      rows: state.picture?.header.data_rows ?? [],
    }),
    picture: () => (state.picture?.header.data_rows.length ? body : null),
  });
  host.append(createHead(api.str("tuning.data"), small, spacer(), more), body);
  return {
    update: (picture) => {
      state.picture = picture;
      const { header } = picture;
      setAttr(more, "hidden", !header.data_rows.length);
      const counts = header.data_counts.map(([name, n]) => `${name} ${fmtNumber(n)}`).join(" · ");
      const all = api.str("tuning.rows", { count: fmtNumber(header.data_n) });
      setText(small, counts ? `${all}: ${counts}` : all);
      for (const node of [mask, hint]) setAttr(node, "hidden", !header.mask.length);
      const tokens = slots(mask, header.mask.length, () => el("span", { class: "mask-piece mono" }));
      header.mask.forEach(([label, inside], i) => {
        setText(tokens[i], label);
        setClass(tokens[i], "inside", inside);
      });
      const made = slots(list, header.data_rows.length, () =>
        el("li", {}, el("span", { class: "said" }), el("b", { class: "row-label" })),
      );
      header.data_rows.forEach(([text, label], i) => {
        setText(made[i].children[0], text);
        setText(made[i].children[1], label);
      });
    },
  };
}
