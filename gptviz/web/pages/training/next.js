// The next token after the text in the box, by the model as it is now.

import { barScale, showBars } from "../../kit/bars.js";
import { el, fmtNumber, fmtPercent, setAttr, setText } from "../../kit/dom.js";
import { createHead, spacer } from "../../kit/panel.js";

/** @import { Page, Panel, Shown } from "./types.d.ts" */

const SHAPE = { tag: /** @type {const} */ ("div"), attrs: { "data-testid": "next-row" } };

/** @type {(host: HTMLElement, api: Page) => Panel} */
export function createNext(host, api) {
  /** @type {{ picture: Shown | null }} */
  const state = { picture: null };
  const small = el("small", {});
  const bars = el("div", { class: "bars", "data-testid": "next" });
  const after = el("p", { class: "after mono", "data-testid": "read" });
  const more = api.menu({
    title: () => api.str("training.next"),
    reading: () => state.picture?.header.next_reading ?? "",
    python: () => state.picture?.header.next_python,
    table: () => ({
      columns: ["token", "probability"].map((name) => api.str(`training.column.${name}`)),
      rows: state.picture?.header.rows ?? [],
    }),
    picture: () => (bars.childElementCount ? bars : null),
  });
  const empty = el("p", { class: "hint empty", text: api.str("training.not_asked") });
  host.append(createHead(api.str("training.next"), small, spacer(), more), after, empty, bars);
  return {
    update: (picture) => {
      state.picture = picture;
      const { rows, others, answer_step, read, bits } = picture.header;
      setAttr(empty, "hidden", rows.length > 0);
      setAttr(more, "hidden", rows.length === 0);
      setAttr(after, "hidden", rows.length === 0);
      setText(after, `…${[...read].slice(-28).join("")}`);
      setText(
        small,
        rows.length ? api.str("training.answered", { step: fmtNumber(answer_step), bits: fmtNumber(bits, 2) }) : "",
      );
      const shown = rows.map(([word, p]) => ({ p, word, number: fmtPercent(p) }));
      const rest = { p: others, word: api.str("training.others"), number: fmtPercent(others), marks: { others: true } };
      showBars(bars, rows.length ? [...shown, rest] : [], barScale(rows[0]?.[1] ?? 1, others), SHAPE);
    },
  };
}
