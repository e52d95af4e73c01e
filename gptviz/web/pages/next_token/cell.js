// The arithmetic of the chosen cell, with its operands: q·k, ÷√d, and e^score over the row's sum. All d terms behind a disclosure.

import { el, fmtNumber, setAttr, setClass, setText, slots } from "../../kit/dom.js";
import { addingUp, fmtOperand } from "../../kit/numbers.js";

/** @import { CellView } from "./message.d.ts" */
/** @import { Page, Shown, Term } from "./types.d.ts" */
/** @import { Table } from "../../types.d.ts" */
/** @import { Told } from "./message.d.ts" */

// update(picture) writes the equation of header.cell.
/** @type {(host: HTMLElement, api: Page) => { update: (picture: Shown) => void }} */
export function createCell(host, api) {
  /** @type {(CellView & Told) | null} */
  let shown = null;
  const looks = el("span", { class: "cell-looks" });
  const lines = { first: createLine(4), second: createLine(4) };
  const terms = createTerms(api);
  const tools = el("span", { class: "cell-tools" }, terms.node);
  const box = el(
    "div",
    { class: "cell mono", "data-testid": "cell" },
    looks,
    tools,
    el("p", {}, lines.first.nodes),
    el("p", {}, lines.second.nodes),
  );
  host.append(box);
  const menu = api.menu({
    title: () => api.str("panel.cell.title"),
    reading: () => shown?.reading ?? looks.textContent,
    python: () => shown?.python ?? "",
    table: () => termsTable(shown),
    picture: () => (shown ? box : null),
  });
  tools.append(menu);

  /** @param {Shown} picture */
  function update(picture) {
    const { cell, attention } = picture.header;
    shown = (picture.header.ids.length && cell) || null;
    setAttr(box, "data-empty", !shown);
    if (!cell || !shown) return;
    setText(looks, api.str("panel.cell.looks", { query: cell.query_label, key: cell.key_label }));
    setAttr(looks, "title", looks.textContent);
    lines.first.write(scoreParts(cell), attention?.stage);
    lines.second.write(cell.masked ? maskedParts(cell, api) : weightParts(cell), attention?.stage);
    terms.update(cell);
  }
  return { update };
}

// The disclosure with all d terms q_i · k_i and their sum; the table is filled while it is open.
/** @type {(api: Page) => { node: HTMLElement, update: (cell: CellView) => void }} */
function createTerms(api) {
  /** @type {CellView | null} */
  let shown = null;
  const summary = el("summary", {});
  const body = el("tbody", {});
  const heads = ["#", "q", "k", "q·k"].map((text) => el("th", { scope: "col", text }));
  const [name, sum] = [el("td", { colspan: "3" }), el("td", { class: "strong" })];
  const table = el("table", {}, el("thead", {}, el("tr", {}, heads)), body, el("tfoot", {}, el("tr", {}, name, sum)));
  const node = el("details", { class: "terms" }, summary, el("div", { class: "terms-box", tabindex: "0" }, table));
  const fill = () => {
    if (!shown || !node.open) return;
    const { q, k } = shown;
    const rows = shown.products.map((product, i) => [i, ...[q[i], k[i], product].map((x) => fmtNumber(x, 3))]);
    slots(body, rows.length, () =>
      el(
        "tr",
        {},
        heads.map(() => el("td", {})),
      ),
    );
    rows.forEach((row, i) => row.forEach((text, column) => setText(body.children[i].children[column], text)));
    setText(name, api.str(addingUp(shown.products, shown.dot, 3, 3) ? "panel.cell.sum" : "panel.cell.sum_rounded"));
    setText(sum, fmtNumber(shown.dot, 3));
  };
  node.addEventListener("toggle", fill);
  node.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !node.open) return;
    event.stopPropagation();
    node.open = false;
    summary.focus();
  });
  /** @param {CellView} cell */
  const update = (cell) => {
    shown = cell;
    setText(summary, api.str("panel.cell.terms", { count: cell.head_dim }));
    fill();
  };
  return { node, update };
}

// A part is [text, kind]: "" = quiet words, "number" = an operand, or the name of the stage whose value it is.
/** @type {(cell: CellView) => Term[]} */
function scoreParts(cell) {
  return [
    ["q·k = ", ""],
    [fmtOperand(cell.dot), "raw"],
    [` → ÷√${cell.head_dim} → `, ""],
    [fmtOperand(cell.score ?? cell.dot / Math.sqrt(cell.head_dim)), "scores"],
  ];
}

/** @type {(cell: CellView) => Term[]} */
function weightParts(cell) {
  const weight = cell.weight ?? 0;
  const exponent = cell.shift ? `(${fmtOperand(cell.score)} − ${fmtOperand(cell.shift)})` : fmtOperand(cell.score);
  return [
    [`e^${exponent} / Σ e^… = `, ""],
    [`${fmtOperand(cell.exp)} / ${fmtOperand(cell.sum_exp)}`, "number"],
    [" = ", ""],
    [weight >= 0.001 ? fmtNumber(weight, 3) : fmtOperand(weight), "pattern"],
  ];
}

/** @type {(cell: CellView, api: Page) => Term[]} */
function maskedParts(cell, api) {
  return [
    [api.str("panel.cell.masked", { query: cell.query, key: cell.key }) + " ", ""],
    ["−∞", "masked"],
    [" → ", ""],
    ["0", "pattern"],
  ];
}

// A line of `count` spans, written in place; the number that the heat map shows now is marked.
/** @type {(count: number) => { nodes: HTMLElement[], write: (parts: Term[], stage: string | undefined) => void }} */
function createLine(count) {
  const nodes = Array.from({ length: count }, () => el("span", {}));
  /** @param {Term[]} parts @param {string | undefined} stage */
  const write = (parts, stage) =>
    nodes.forEach((node, i) => {
      const [text, kind] = parts[i] ?? ["", ""];
      setText(node, text);
      setClass(node, "quiet", kind === "");
      setClass(node, "strong", kind === "pattern");
      setClass(
        node,
        "current",
        kind !== "" && (kind === stage || (stage === "masked" && kind === "scores" && text !== "–")),
      );
    });
  return { nodes, write };
}

/** @type {(cell: CellView | null) => Table} */
function termsTable(cell) {
  if (!cell) return { columns: [], rows: [] };
  return {
    columns: ["#", "q", "k", "q·k"],
    rows: cell.products.map((product, i) => [i, cell.q[i], cell.k[i], product]),
  };
}
