// The head looked at, on the text: each row is what one token looks at, with what may not be looked at struck out.

import { el, fmtPercent, setAttr, setClass, setStyle, setText, slots } from "../../kit/dom.js";
import { createHead, spacer } from "../../kit/panel.js";
import { indigo } from "../../kit/theme.js";

/** @import { Attention } from "./message.d.ts" */
/** @import { Drawn, Page, Panel } from "./types.d.ts" */

/** @type {(host: HTMLElement, api: Page) => Panel} */
export function createAttention(host, api) {
  /** @type {{ attention: Attention | null, pattern: ArrayLike<number> }} */
  const memory = { attention: null, pattern: [] };
  const small = el("small", {});
  const menu = api.menu({
    title: api.str("snapshots.attention"),
    reading: () => memory.attention?.reading ?? api.str("empty.hint"),
    python: () => memory.attention?.python,
    table: () => {
      const labels = memory.attention?.labels ?? [];
      const row = (/** @type {number} */ i) => labels.map((_, j) => memory.pattern[i * labels.length + j]);
      return {
        columns: [api.str("snapshots.column.token"), ...labels],
        rows: labels.map((label, i) => [label, ...row(i)]),
      };
    },
    picture: () => (memory.attention ? map : null),
  });
  const map = el("div", { class: "moment-map", "data-testid": "attention", role: "img" });
  const hint = el("p", { class: "hint empty" });
  host.append(createHead(api.str("snapshots.attention"), small, spacer(), menu), map, hint);
  return {
    /** @param {Drawn} picture */
    update: ({ header, theme, blob }) => {
      const attention = header.attention ?? null;
      Object.assign(memory, { attention, pattern: blob("pattern") ?? [] });
      setAttr(menu, "hidden", !attention);
      setAttr(map, "hidden", !attention);
      setText(hint, attention ? "" : api.str("empty.hint"));
      if (!attention || !header.heads) return;
      const { labels, reading } = attention;
      const T = labels.length;
      setText(small, api.str("snapshots.which_head", { layer: header.heads.layer, head: header.heads.head }));
      setAttr(map, "aria-label", reading);
      setStyle(map, "--tokens", String(T));
      const rows = slots(map, T, () => el("div", { class: "moment-row" }));
      labels.forEach((label, i) => {
        const cells = slots(rows[i], T + 1, (at) => el(at ? "i" : "span", {}));
        setText(cells[0], label);
        for (let j = 0; j < T; j += 1) {
          const cell = /** @type {HTMLElement} */ (cells[j + 1]);
          setClass(cell, "masked", j > i);
          setStyle(cell, "background-color", j > i ? "transparent" : indigo(theme, memory.pattern[i * T + j]));
          setAttr(cell, "title", j > i ? null : `${label} → ${labels[j]} ${fmtPercent(memory.pattern[i * T + j])}`);
        }
      });
    },
  };
}
