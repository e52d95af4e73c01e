// The ledger: one logit as a list of what each part gave, drawn as a staircase that ends at the logit; or the lead of one token over
// another, as the same list.

import { el, fmtNumber, setAttr, setClass, setStyle, setText, slots, within } from "../../kit/dom.js";
import { createHead, spacer } from "../../kit/panel.js";
import { createSwitch, shownOf } from "./place.js";

/** @import { Account, Entry } from "./message.d.ts" */
/** @import { Drawn, Page, Panel, Shown } from "./types.d.ts" */
/** @import { Table } from "../../types.d.ts" */

const DIGITS = 3;

/** @type {(host: HTMLElement, api: Page) => Panel} */
export function createLedger(host, api) {
  /** @type {Shown | null} */
  let shown = null;
  const detail = createSwitch(api, "detail", api.str("stream.detail_label"), {
    blocks: api.str("stream.detail.blocks"),
    heads: api.str("stream.detail.heads"),
  });
  const against = el("input", { type: "checkbox", "data-testid": "against" });
  against.addEventListener("change", () => api.setView({ against: against.checked }));
  const other = el("span", {});
  const of = el("p", { class: "ledger-of", "data-testid": "ledger-of" });
  const menu = api.menu({
    title: api.str("stream.ledger"),
    reading: () => shown?.header.ledger.reading ?? api.str("empty.hint"),
    python: () => shown?.header.ledger.python,
    table: () => ledgerTable(shown, api),
    picture: () => (shown ? box : null),
  });
  const list = el("div", {
    class: "ledger-lines",
    "data-testid": "ledger",
    tabindex: "0",
    role: "group",
    "aria-label": api.str("stream.ledger"),
  });
  const sum = el("p", { class: "ledger-sum mono", "data-testid": "ledger-sum" });
  const error = el("p", { class: "ledger-error", "data-testid": "ledger-error" });
  const box = el("div", { class: "panel ledger" }, of, list, sum, error);
  const hint = el("p", { class: "empty-hint" });
  host.append(
    createHead(api.str("stream.ledger"), spacer(), detail.node, menu),
    el("label", { class: "check ledger-against" }, against, other),
    box,
    hint,
  );
  list.addEventListener("click", (event) => {
    const line = within(event, "button");
    if (!line || line.dataset.layer === undefined) return;
    const layer = Number(line.dataset.layer);
    const moved = layer === api.view().layer ? {} : { neuron: null };
    const head = line.dataset.head === undefined ? {} : { head: Number(line.dataset.head) };
    api.setView({ layer, embed: false, ...head, ...moved });
  });
  /** @param {Drawn} picture */
  function update(picture) {
    shown = shownOf(picture);
    setText(hint, shown ? "" : api.str("empty.hint"));
    for (const node of [box, against.parentElement]) if (node) setAttr(node, "hidden", !shown);
    detail.show();
    against.checked = api.view().against;
    if (!shown) return;
    const { ledger, through, sizes, pos } = shown.header;
    const rival = through.tokens[1]?.label ?? "";
    setText(other, api.str("stream.against", { other: rival }));
    setText(
      of,
      api.str(ledger.against === null ? "stream.ledger_one" : "stream.ledger_two", {
        label: ledger.label,
        other: ledger.against ?? "",
        after: sizes.labels[pos],
      }),
    );
    drawLines(list, ledger, api);
    setText(
      sum,
      api.str("stream.sum.total", {
        count: ledger.lines.length,
        total: fmtNumber(ledger.total, DIGITS),
        logit: fmtNumber(ledger.logit, DIGITS),
      }),
    );
    setText(error, api.str("stream.sum.error", { error: ledger.error }));
  }
  return { update };
}

/** @type {(host: HTMLElement, ledger: Account, api: Page) => void} */
function drawLines(host, { lines }, api) {
  const { layer, head } = api.view();
  const steps = runningSums(lines);
  const [low, high] = [Math.min(0, ...steps), Math.max(0, ...steps)];
  /** @param {number} x */
  const at = (x) => ((x - low) / (high - low || 1)) * 100;
  const made = slots(host, lines.length, () =>
    el(
      "button",
      { type: "button", class: "ledger-line" },
      el("span", { class: "ledger-name" }),
      el("span", { class: "ledger-track" }, el("i", { class: "ledger-zero" }), el("i", { class: "ledger-bar" })),
      el("span", { class: "ledger-amount mono" }),
    ),
  );
  lines.forEach((line, i) => {
    const node = /** @type {HTMLElement} */ (made[i]);
    const [name, track, amount] = /** @type {HTMLElement[]} */ ([...node.children]);
    const [zero, bar] = /** @type {HTMLElement[]} */ ([...track.children]);
    setText(name, lineName(line, api));
    setText(amount, fmtNumber(line.amount, DIGITS));
    const [from, to] = [at(steps[i]), at(steps[i + 1])];
    setStyle(zero, "left", at(0).toFixed(2) + "%");
    setStyle(bar, "left", Math.min(from, to).toFixed(2) + "%");
    setStyle(bar, "width", Math.max(0.4, Math.abs(to - from)).toFixed(2) + "%");
    setClass(bar, "less", line.amount < 0);
    setAttr(node, "data-layer", line.layer);
    setAttr(node, "data-head", line.head);
    setClass(node, "sel", line.layer === layer && (line.head === null || line.head === head));
    setClass(node, "same", line.layer === layer);
  });
}

// Where the staircase stands before each line, and after the last.
/** @type {(lines: Entry[]) => number[]} */
function runningSums(lines) {
  const sums = [0];
  for (const line of lines) sums.push(sums[sums.length - 1] + line.amount);
  return sums;
}

/** @type {(line: Entry, api: Page) => string} */
export function lineName({ kind, layer, head }, api) {
  return api.str("stream.line." + kind, { layer, head });
}

/** @type {(picture: Shown | null, api: Page) => Table} */
function ledgerTable(picture, api) {
  const columns = ["part", "layer", "head", "amount", "sum"].map((name) => api.str("stream.column." + name));
  if (!picture) return { columns, rows: [] };
  const { lines } = picture.header.ledger;
  const sums = runningSums(lines);
  return {
    columns,
    rows: lines.map((line, i) => [lineName(line, api), line.layer, line.head, line.amount, sums[i + 1]]),
  };
}
