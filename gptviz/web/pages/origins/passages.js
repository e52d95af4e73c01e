// The longest n-gram that ends with the token, where it stands in the training text.

import { el, fmtNumber, setAttr, setText, slots } from "../../kit/dom.js";
import { createHead, spacer } from "../../kit/panel.js";

/** @import { Passages } from "./message.d.ts" */
/** @import { Drawn, Page, Panel } from "./types.d.ts" */

/** @type {(host: HTMLElement, api: Page) => Panel} */
export function createPassages(host, api) {
  /** @type {Passages | null} */
  let shown = null;
  const small = el("small", {});
  const menu = api.menu({
    title: api.str("origins.passages"),
    reading: () => shown?.reading ?? api.str("empty.hint"),
    python: () => shown?.python,
    table: () => ({
      columns: ["before", "gram", "after"].map((name) => api.str("origins.column." + name)),
      rows: (shown?.rows ?? []).map(({ before, gram, after }) => [before, gram, after]),
    }),
    picture: () => (shown?.rows.length ? list : null),
  });
  const list = el("ol", { class: "origin-passages", "data-testid": "passages" });
  const says = el("p", { class: "hint" });
  host.append(createHead(api.str("origins.passages"), small, spacer(), menu), list, says);
  return {
    /** @param {Drawn} picture */
    update: ({ header }) => {
      shown = header.passages ?? null;
      setAttr(menu, "hidden", !shown?.rows.length);
      setText(small, shown?.times ? api.str("origins.stands", { n: shown.n, times: fmtNumber(shown.times) }) : "");
      setText(says, shown && !shown.rows.length ? shown.reading : "");
      const rows = shown?.rows ?? [];
      const made = slots(list, rows.length, () => el("li", {}, el("span", {}), el("b", {}), el("span", {})));
      rows.forEach(({ before, gram, after }, i) => {
        [before, gram, after].forEach((text, at) => setText(made[i].children[at], text.replace(/\n/g, "↵")));
      });
    },
  };
}
