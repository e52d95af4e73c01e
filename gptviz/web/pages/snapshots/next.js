// The answer of that moment's model: the next token after the text, and how it goes on.

import { barScale, showBars } from "../../kit/bars.js";
import { el, fmtNumber, fmtPercent, setAttr, setText } from "../../kit/dom.js";
import { createHead, spacer } from "../../kit/panel.js";
import { createSides, isThere, LETTERS, pythonOf, readingOf, tableOf } from "./sides.js";

/** @import { Next, Written } from "./message.d.ts" */
/** @import { Part } from "./sides.js" */
/** @import { Page, Panel } from "./types.d.ts" */

/** @type {(host: HTMLElement, api: Page) => Panel} */
export function createNext(host, api) {
  /** @type {{ told: (Next | null)[] }} */
  const memory = { told: [] };
  const small = el("small", {});
  const menu = api.menu({
    title: api.str("snapshots.next"),
    reading: () => (isThere(memory.told) ? readingOf(memory.told) : api.str("empty.hint")),
    python: () => pythonOf(memory.told),
    table: () =>
      tableOf(
        api,
        ["token", "probability"].map((name) => api.str("snapshots.column." + name)),
        memory.told.map((one) => one?.rows ?? null),
      ),
    picture: () => (isThere(memory.told) ? sides.node : null),
  });
  const sides = createSides("answers", (place) => createBars(api, place));
  const hint = el("p", { class: "hint empty" });
  const body = el("div", { class: "panel" }, sides.node);
  host.append(createHead(api.str("snapshots.next"), small, spacer(), menu), body, hint);
  return {
    update: (picture) => {
      const { answer, beside } = picture.header;
      memory.told = [answer ?? null, beside?.answer ?? null];
      const there = isThere(memory.told);
      setAttr(menu, "hidden", !there);
      setAttr(body, "hidden", !there);
      setText(hint, there ? "" : api.str("empty.hint"));
      setText(small, entropyOf(memory.told, api));
      sides.show(memory.told, picture);
    },
  };
}

/** @type {(told: (Next | null)[], api: Page) => string} */
function entropyOf([one, other], api) {
  if (!one) return "";
  const said = api.str("snapshots.entropy", { bits: fmtNumber(one.bits, 2) });
  return other ? `${LETTERS[0]}: ${said} · ${LETTERS[1]}: ${fmtNumber(other.bits, 2)}` : said;
}

/** @type {(api: Page, place: number) => Part<Next>} */
function createBars(api, place) {
  const testid = place ? "other-next" : "next";
  const node = el("div", { class: "moment-bars", "data-testid": testid });
  const shape = { tag: /** @type {const} */ ("div"), attrs: { "data-testid": `${testid}-row` } };
  return {
    node,
    show: ({ rows, others }) => {
      const word = api.str("snapshots.others");
      const all = [
        ...rows.map(([word, p]) => ({ p, word, number: fmtPercent(p) })),
        { p: others, word, number: fmtPercent(others), marks: { others: true } },
      ];
      showBars(node, all, barScale(rows[0]?.[1] ?? 1, others), shape);
    },
  };
}

/** @type {(host: HTMLElement, api: Page) => Panel} */
export function createWritten(host, api) {
  /** @type {{ told: (Written | null)[] }} */
  const memory = { told: [] };
  const menu = api.menu({
    title: api.str("snapshots.written"),
    reading: () => (isThere(memory.told) ? readingOf(memory.told) : api.str("empty.hint")),
    python: () => pythonOf(memory.told),
    table: () =>
      tableOf(
        api,
        [api.str("snapshots.column.text")],
        memory.told.map((one) => (one ? [[one.text]] : null)),
      ),
    picture: () => (isThere(memory.told) ? sides.node : null),
  });
  const sides = createSides("samples", createSaid);
  const hint = el("p", { class: "hint empty" });
  host.append(
    createHead(api.str("snapshots.written"), el("small", { text: api.str("snapshots.same_draws") }), spacer(), menu),
    sides.node,
    hint,
  );
  return {
    update: (picture) => {
      const { written, beside } = picture.header;
      memory.told = [written ?? null, beside?.written ?? null];
      const there = isThere(memory.told);
      setAttr(menu, "hidden", !there);
      setText(hint, there ? "" : api.str("empty.hint"));
      sides.show(memory.told, picture);
    },
  };
}

/** @type {(place: number) => Part<Written>} */
function createSaid(place) {
  const testid = place ? "other-written" : "written";
  const [before, text] = [
    el("span", { class: "written-before" }),
    el("b", { class: "written-text", "data-testid": testid }),
  ];
  return {
    node: el("p", { class: "written" }, before, text),
    show: (told) => {
      setText(before, told.before);
      setText(text, told.text || " …");
    },
  };
}
