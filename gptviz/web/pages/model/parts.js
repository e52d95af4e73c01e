// Tables and bars of the model page: where the parameters are, what was read, how each kind of held-out text did.

import { el, fmtNumber, fmtPercent } from "../../kit/dom.js";

/** @import { Next, Share, TextPart } from "./message.d.ts" */
/** @import { HeldOut } from "./types.d.ts" */
/** @import { Say } from "../../types.d.ts" */

// Two stacked shares of one bar per kind of parameter; the numbers add up to the whole.
/** @type {(shares: Share[], total: number, str: Say) => HTMLElement} */
export function parameterShares(shares, total, str) {
  return el(
    "div",
    { class: "shares" },
    el(
      "div",
      { class: "share-bar", "aria-hidden": "true" },
      shares.map(({ kind, count }) => el("i", { class: "share " + kind, style: "flex-grow:" + count })),
    ),
    el(
      "ul",
      { class: "share-list" },
      shares.map(({ kind, name, count }) =>
        el(
          "li",
          {},
          el("i", { class: "share " + kind, "aria-hidden": "true" }),
          el("span", { text: str("model_page.share." + name) }),
          el("b", { class: "mono", text: fmtNumber(count) }),
          el("small", { text: fmtPercent(count / total) }),
        ),
      ),
    ),
  );
}

// The head of a table: names of columns of words, of numbers (which stand at the right of theirs), and of words again.
/** @type {(words: string[], numbers: string[], str: Say, more?: string[]) => HTMLElement} */
export function tableHead(words, numbers, str, more = []) {
  /** @param {string[]} names @param {string | null} kind */
  const cells = (names, kind) =>
    names.map((name) => el("th", { scope: "col", class: kind, text: str("model_page.column." + name) }));
  return el("thead", {}, el("tr", {}, cells(words, null), cells(numbers, "number"), cells(more, null)));
}

// held_out: [{ name, n_bytes, bits_per_byte, baseline_bits_per_byte, top1, top5 }], the last of them all together.
/** @type {(parts: HeldOut[], str: Say) => HTMLElement} */
export function heldOut(parts, str) {
  const most = Math.max(...parts.map((part) => Math.max(part.bits_per_byte, part.baseline_bits_per_byte || 0)));
  const compared = parts.some((part) => part.baseline_bits_per_byte);
  /** @param {number} value @param {string} kind */
  const bar = (value, kind) => el("i", { class: "bits " + kind, style: `width:${((value / most) * 100).toFixed(2)}%` });
  return el(
    "div",
    { class: "held-out" },
    compared
      ? el(
          "div",
          { class: "keys" },
          el("span", { class: "key ours", text: str("model_page.ours") }),
          el("span", { class: "key grams", text: str("model_page.grams") }),
        )
      : null,
    el(
      "div",
      { class: "table-box edged", tabindex: "0" },
      el(
        "table",
        {},
        tableHead(["part", "bits"], compared ? ["better", "top1"] : ["top1"], str),
        el(
          "tbody",
          {},
          parts.map((part) => heldOutRow(part, bar, compared, str)),
        ),
      ),
    ),
  );
}

/** @type {(part: HeldOut, bar: (value: number, kind: string) => HTMLElement, compared: boolean, str: Say) => HTMLElement} */
function heldOutRow(part, bar, compared, str) {
  const grams = part.baseline_bits_per_byte;
  const name = part.part === "all" ? str("model_page.all") : part.part;
  return el(
    "tr",
    { class: part.part === "all" ? "sum" : null },
    el("th", { scope: "row", class: "mono", text: name }),
    el(
      "td",
      { class: "bits-cell" },
      el("span", { class: "two" }, bar(part.bits_per_byte, "ours"), grams ? bar(grams, "grams") : null),
      el("span", {
        class: "mono",
        text: fmtNumber(part.bits_per_byte, 3) + (grams ? " / " + fmtNumber(grams, 3) : ""),
      }),
    ),
    compared ? el("td", { class: "number", text: grams ? saved(part.bits_per_byte / grams) : "–" }) : null,
    el("td", { class: "number", text: fmtPercent(part.top1) + " / " + fmtPercent(part.top5) }),
  );
}

/** @type {(ratio: number) => string} */
function saved(ratio) {
  const percent = (1 - ratio) * 100;
  return (percent < 0 ? "+" : "−") + fmtNumber(Math.abs(percent), 1) + "%";
}

// data: [{ name, share, megabytes, licence, source }]
/** @type {(data: TextPart[], str: Say) => HTMLElement} */
export function readTexts(data, str) {
  return el(
    "div",
    { class: "table-box edged", tabindex: "0" },
    el(
      "table",
      { class: "texts" },
      tableHead(["part"], ["share", "size"], str, ["licence", "source"]),
      el(
        "tbody",
        {},
        data.map((part) =>
          el(
            "tr",
            {},
            el("th", { scope: "row", class: "mono", text: part.name }),
            el("td", { class: "number", text: fmtPercent(part.share) }),
            el("td", { class: "number", text: fmtNumber(part.megabytes, 1) + " MB" }),
            el("td", { text: part.licence }),
            el("td", { class: "source", text: part.source }),
          ),
        ),
      ),
    ),
  );
}

// next: [{ prompt, top: [{ label, p }] }]
/** @type {(next: Next[]) => HTMLElement} */
export function nextTokens(next) {
  return el(
    "ul",
    { class: "next" },
    next.map(({ prompt, top }) =>
      el(
        "li",
        {},
        el("span", { class: "said", text: prompt.replaceAll("\n", "↵") }),
        el(
          "span",
          { class: "top" },
          top.map(({ label, p }, i) =>
            el(
              "span",
              { class: i ? "one" : "one best" },
              el("span", { text: label }),
              el("small", { text: fmtPercent(p, 0) }),
            ),
          ),
        ),
      ),
    ),
  );
}
