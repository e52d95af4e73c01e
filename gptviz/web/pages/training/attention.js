// The head looked at, on a text that stays the same, by the newest record: each row is what one token looks at, with what may not be
// looked at struck out.

import { el, fmtNumber, numbersOf, setAttr, setText } from "../../kit/dom.js";
import { createHead, spacer } from "../../kit/panel.js";
import { drawRows } from "../../kit/rows.js";

/** @import { Numbers } from "../../types.d.ts" */
/** @import { Attention } from "./message.d.ts" */
/** @import { Page, Panel, Shown } from "./types.d.ts" */

/** @type {(host: HTMLElement, api: Page) => Panel} */
export function createAttention(host, api) {
  /** @type {{ attention: Attention | null, pattern: Numbers }} */
  const memory = { attention: null, pattern: new Float32Array(0) };
  const small = el("small", { "data-testid": "which-head" });
  const menu = api.menu({
    title: () => api.str("live.attention"),
    reading: () => memory.attention?.reading ?? "",
    python: () => memory.attention?.python,
    table: () => {
      const labels = memory.attention?.labels ?? [];
      const T = labels.length;
      return {
        columns: [api.str("training.column.token"), ...labels],
        rows: labels.map((label, i) => [label, ...memory.pattern.subarray(i * T, i * T + T)]),
      };
    },
    picture: () => (memory.attention ? map : null),
  });
  const map = el("div", { class: "live-map", "data-testid": "live-attention", role: "img" });
  const hint = el("p", { class: "hint", text: api.str("live.attention_hint") });
  setAttr(host, "hidden", true);
  host.append(createHead(api.str("live.attention"), small, spacer(), menu), map, hint);
  return {
    /** @param {Shown} picture */
    update: (picture) => {
      const { attention } = picture.header;
      Object.assign(memory, { attention, pattern: numbersOf(picture, "pattern") });
      setAttr(host, "hidden", !attention);
      if (!attention) return;
      const { step, layer, head, labels, reading } = attention;
      setText(small, api.str("live.which_head", { layer, head, step: fmtNumber(step) }));
      setAttr(map, "aria-label", reading);
      drawRows(map, { labels, pattern: memory.pattern, row: "live-row", digits: 0 }, picture.theme);
    },
  };
}
