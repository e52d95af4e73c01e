// The head as an exercise for paper: what is given, blanks for what is to be found, or the solution in them. It prints alone.

import { el, fmtNumber, setAttr, setClass, setText } from "../../kit/dom.js";
import { createHead, spacer } from "../../kit/panel.js";

/** @import { Page, Panel } from "./types.d.ts" */
/** @import { SheetRow, WorksheetView, AttentionHeader } from "./message.d.ts" */
/** @import { Table } from "../../types.d.ts" */
/** @typedef {NonNullable<AttentionHeader["sheet"]>} Sheet */
/** @typedef {{ text: string, found?: boolean }} Cell */

/** @type {(host: HTMLElement, api: Page) => Panel} */
export function createWorksheet(host, api) {
  /** @type {Sheet | null} */
  let shown = null;
  const solved = el("button", {
    type: "button",
    class: "btn",
    "data-testid": "solved",
    onclick: () => api.setView({ solved: !api.view().solved }),
  });
  const print = el("button", {
    type: "button",
    class: "btn",
    "data-testid": "print-sheet",
    text: api.str("attend.sheet.print"),
    onclick: () => printAlone(api.root),
  });
  const head = createHead(
    api.str("attend.sheet.title"),
    el("small", { text: api.str("attend.sheet.small") }),
    spacer(),
    solved,
    print,
  );
  head.append(
    api.menu({
      title: api.str("attend.sheet.title"),
      reading: () => shown?.reading ?? api.str("attend.sheet.long"),
      python: () => shown?.python ?? "",
      table: () => sheetTable(shown, api),
      picture: () => (shown ? body : null),
    }),
  );
  const body = el("div", { class: "worksheet", "data-testid": "worksheet" });
  const empty = el("p", { class: "hint", text: api.str("attend.sheet.long") });
  host.append(head, body, empty);
  return {
    update: ({ header }) => {
      shown = header.sheet ?? null;
      const answers = api.view().solved;
      setText(solved, api.str(answers ? "attend.sheet.blank" : "attend.sheet.solve"));
      setAttr(solved, "aria-pressed", String(answers));
      for (const part of [body, solved, print]) setAttr(part, "hidden", !shown);
      setAttr(empty, "hidden", Boolean(shown));
      if (shown) body.replaceChildren(...sheetParts(shown, header, answers, api));
    },
  };
}

/** @type {(root: HTMLElement) => void} */
function printAlone(root) {
  const done = () => root.classList.remove("sheet-alone");
  root.classList.add("sheet-alone");
  globalThis.addEventListener("afterprint", done, { once: true });
  globalThis.print();
}

/** @type {(sheet: Sheet, header: AttentionHeader, answers: boolean, api: Page) => HTMLElement[]} */
function sheetParts(sheet, header, answers, api) {
  const { labels, query, key, head_dim: d, rows, root } = sheet;
  const say = (/** @type {string} */ name, /** @type {Record<string, unknown>} */ values = {}) =>
    api.str("attend.sheet." + name, values);
  const [asks, asked] = [labels[query], labels[key]];
  const two = (/** @type {number | null} */ x) => fmtNumber(x, 2);
  const products = sheet.products.map(({ q, k, amount }, i) => [
    { text: String(i + 1) },
    { text: two(q) },
    { text: two(k) },
    found(two(amount)),
  ]);
  const seen = labels.map((label, at) => [{ text: label }, ...labels.map((_, to) => found(to <= at ? "✓" : "✗"))]);
  const digits = sheet.shift === null ? 2 : 3;
  const weights = rows.map((row, at) => [
    { text: row.label },
    at === key ? found(two(row.dot)) : { text: two(row.dot) },
    found(row.score === null ? "–" : two(row.score)),
    found(row.exp === null ? "0" : fmtNumber(row.exp, digits)),
    found(row.share === null ? "0" : two(row.share)),
  ]);
  const values = rows.map((row) => [{ text: row.label }, ...row.values.map((value) => ({ text: two(value) }))]);
  return [
    el("p", {
      class: "sheet-intro",
      text: say("intro", { query: asks, layer: header.view.layer, head: header.view.head, text: labels.join(" | ") }),
    }),
    task(
      say("dot", { query: asks, key: asked }),
      table(["", "q", "k", "q · k"], products, answers),
      line(say("rest", { count: d - sheet.products.length, rest: two(sheet.rest) }), two(rows[key].dot), answers),
    ),
    task(say("mask"), table(["", ...labels], seen, answers)),
    task(
      say("weights", {
        d,
        root: two(root),
        shift: sheet.shift === null ? "" : say("shift", { shift: two(sheet.shift) }),
      }),
      table(
        [say("key"), "q · k", "÷ √d", sheet.shift === null ? "e^…" : "e^(… − max)", say("share")],
        weights,
        answers,
      ),
      line("Σ e^… =", fmtNumber(sheet.total, digits), answers),
    ),
    task(
      say("values"),
      table([say("key"), ...sheet.mixed.map((_, i) => `v${"₁₂"[i]}`)], values, answers),
      ...sheet.mixed.map((z, i) => line(`z${"₁₂"[i]} = Σ`, two(z), answers)),
    ),
    task(say("why", { query: asks }), el("p", { class: "sheet-line long" })),
    el("p", {
      class: "sheet-exact",
      hidden: !answers,
      text: say("exact", {
        shares: rows
          .filter((row) => row.share !== null)
          .map((row) => `${row.label} ${fmtNumber(row.share_exact, 4)}`)
          .join(", "),
        mixed: sheet.mixed_exact.map((z) => fmtNumber(z, 4)).join(", "),
      }),
    }),
  ];
}

/** @type {(text: string) => Cell} */
function found(text) {
  return { text, found: true };
}

/** @type {(text: string, ...parts: HTMLElement[]) => HTMLElement} */
function task(text, ...parts) {
  return el("section", { class: "sheet-task" }, el("h3", { text }), el("div", { class: "sheet-work" }, parts));
}

/** @type {(columns: string[], rows: Cell[][], answers: boolean) => HTMLElement} */
function table(columns, rows, answers) {
  const cell = (/** @type {Cell} */ { text, found: blank }) => {
    const node = el("td", { class: blank ? "sheet-blank" : "", text: blank && !answers ? "" : text });
    setClass(node, "solved", blank && answers);
    return node;
  };
  return el(
    "table",
    { class: "mono" },
    el(
      "thead",
      {},
      el(
        "tr",
        {},
        columns.map((text) => el("th", { scope: "col", text })),
      ),
    ),
    el(
      "tbody",
      {},
      rows.map((row) => el("tr", {}, row.map(cell))),
    ),
  );
}

/** @type {(text: string, answer: string, answers: boolean) => HTMLElement} */
function line(text, answer, answers) {
  return el(
    "p",
    { class: "sheet-line mono" },
    text + " ",
    el("span", { class: answers ? "sheet-blank solved" : "sheet-blank", text: answers ? answer : "" }),
  );
}

/** @type {(sheet: WorksheetView | null, api: Page) => Table} */
function sheetTable(sheet, api) {
  const names = ["token", "raw", "scores", "exp", "share", "exact"];
  const columns = names.map((name) => api.str("attend.column." + name));
  const row = (/** @type {SheetRow} */ { label, dot, score, exp, share, share_exact: exact }) => [
    label,
    dot,
    score,
    exp,
    share,
    exact,
  ];
  return { columns, rows: sheet ? sheet.rows.map(row) : [] };
}
