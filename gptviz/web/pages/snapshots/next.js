// The answer of that moment's model: the next token after the text, and how it goes on.

import { barScale, showBars } from "../../kit/bars.js";
import { el, fmtNumber, fmtPercent, setAttr, setText } from "../../kit/dom.js";
import { createHead, spacer } from "../../kit/panel.js";

/** @import { Next, Written } from "./message.d.ts" */
/** @import { Drawn, Page, Panel } from "./types.d.ts" */

const SHAPE = { tag: /** @type {const} */ ("div"), attrs: { "data-testid": "next-row" } };

/** @type {(host: HTMLElement, api: Page) => Panel} */
export function createNext(host, api) {
  /** @type {Next | null} */
  let shown = null;
  const small = el("small", {});
  const menu = api.menu({
    title: api.str("snapshots.next"),
    reading: () => shown?.reading ?? api.str("empty.hint"),
    python: () => shown?.python,
    table: () => ({
      columns: ["token", "probability"].map((name) => api.str("snapshots.column." + name)),
      rows: shown?.rows ?? [],
    }),
    picture: () => (shown ? bars : null),
  });
  const bars = el("div", { class: "moment-bars", "data-testid": "next" });
  const hint = el("p", { class: "hint empty" });
  const body = el("div", { class: "panel" }, bars);
  host.append(createHead(api.str("snapshots.next"), small, spacer(), menu), body, hint);
  return {
    /** @param {Drawn} picture */
    update: ({ header }) => {
      shown = header.answer ?? null;
      setAttr(menu, "hidden", !shown);
      setAttr(body, "hidden", !shown);
      setText(hint, shown ? "" : api.str("empty.hint"));
      setText(small, shown ? api.str("snapshots.entropy", { bits: fmtNumber(shown.bits, 2) }) : "");
      const rows = (shown?.rows ?? []).map(([word, p]) => ({ p, word, number: fmtPercent(p) }));
      const others = shown?.others ?? 0;
      const rest = {
        p: others,
        word: api.str("snapshots.others"),
        number: fmtPercent(others),
        marks: { others: true },
      };
      showBars(bars, shown ? [...rows, rest] : [], barScale(shown?.rows[0]?.[1] ?? 1, others), SHAPE);
    },
  };
}

/** @type {(host: HTMLElement, api: Page) => Panel} */
export function createWritten(host, api) {
  /** @type {Written | null} */
  let shown = null;
  const menu = api.menu({
    title: api.str("snapshots.written"),
    reading: () => shown?.reading ?? api.str("empty.hint"),
    python: () => shown?.python,
    table: () => ({ columns: [api.str("snapshots.column.text")], rows: shown ? [[shown.text]] : [] }),
    picture: () => (shown ? said : null),
  });
  const [before, text] = [
    el("span", { class: "written-before" }),
    el("b", { class: "written-text", "data-testid": "written" }),
  ];
  const said = el("p", { class: "written" }, before, text);
  const hint = el("p", { class: "hint empty" });
  host.append(
    createHead(api.str("snapshots.written"), el("small", { text: api.str("snapshots.same_draws") }), spacer(), menu),
    said,
    hint,
  );
  return {
    /** @param {Drawn} picture */
    update: ({ header }) => {
      shown = header.written ?? null;
      setAttr(menu, "hidden", !shown);
      setAttr(said, "hidden", !shown);
      setText(hint, shown ? "" : api.str("empty.hint"));
      setText(before, shown?.before ?? "");
      setText(text, shown ? shown.text || " …" : "");
    },
  };
}
