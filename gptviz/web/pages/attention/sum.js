// The sum behind the chosen number, term by term: the first ones (or the largest), the others together, the total. An operand that is
// itself a number of the picture can be gone to.

import { el, numbersOf, setAttr, setClass, setText, slots } from "../../kit/dom.js";
import { addingUp, fmtOperand } from "../../kit/numbers.js";
import { fmtNumber } from "../../kit/dom.js";
import { createHead, spacer } from "../../kit/panel.js";
import { formulaOf, nameOf, termsOf } from "./terms.js";

/** @import { Full, Page, Panel, TermLine } from "./types.d.ts" */
/** @import { Summed } from "./message.d.ts" */
/** @import { Table } from "../../types.d.ts" */

const FEW = 6;

/** @type {(host: HTMLElement, api: Page) => Panel} */
export function createSum(host, api) {
  /** @type {{ picture: Full | null, all: boolean, largest: boolean }} */
  const memory = { picture: null, all: false, largest: false };
  const parts = sumParts(api);
  const head = createHead(api.str("attend.sum"), spacer());
  head.append(
    api.menu({
      title: api.str("attend.sum"),
      reading: () => memory.picture?.header.sum?.reading ?? api.str("empty.hint"),
      python: () => memory.picture?.header.sum?.python ?? "",
      table: () => sumTable(memory.picture, api),
      picture: () => (memory.picture ? parts.box : null),
    }),
  );
  const empty = el("p", { class: "hint", text: api.str("empty.hint") });
  host.append(head, parts.box, empty);
  const draw = () => memory.picture && drawSum(parts, memory.picture, memory, api);
  parts.all.addEventListener("click", () => {
    memory.all = !memory.all;
    draw();
  });
  parts.order.addEventListener("click", () => {
    memory.largest = !memory.largest;
    draw();
  });
  return {
    update: (picture) => {
      memory.picture = picture.header.sum && picture.header.flow ? /** @type {Full} */ (picture) : null;
      setAttr(parts.box, "hidden", !memory.picture);
      setAttr(empty, "hidden", Boolean(memory.picture));
      draw();
    },
  };
}

/** @param {Page} api */
function sumParts(api) {
  const name = el("p", { class: "sum-title mono" }, el("b", {}), el("span", {}));
  const hint = el("p", { class: "sum-hint" });
  const formula = el("p", { class: "formula mono" });
  const body = el("tbody", {});
  const table = el("table", { class: "terms-table mono" }, body);
  const scroll = el(
    "div",
    { class: "terms-scroll edged", tabindex: "0", role: "group", "aria-label": api.str("attend.terms") },
    table,
  );
  const total = el("p", { class: "sum-total mono", "data-testid": "sum-total" });
  const all = el("button", { type: "button", class: "link", "data-testid": "all-terms" });
  const order = el("button", {
    type: "button",
    class: "link",
    "data-testid": "largest-terms",
    text: api.str("attend.largest"),
  });
  const box = el(
    "div",
    { class: "sum-box", "data-testid": "sum" },
    name,
    hint,
    formula,
    scroll,
    total,
    el("div", { class: "sum-tools" }, all, order),
  );
  return { box, name, hint, formula, body, total, all, order };
}

/** @type {(parts: ReturnType<typeof sumParts>, picture: Full, how: { all: boolean, largest: boolean }, api: Page) => void} */
function drawSum(parts, picture, how, api) {
  const sum = /** @type {Summed} */ (picture.header.sum);
  const terms = termsOf(sum, picture, api);
  const many = terms.length > FEW + 2;
  const sorted = how.largest ? terms.toSorted((a, b) => Math.abs(b.amount) - Math.abs(a.amount)) : terms;
  const listed = many && !how.all ? sorted.slice(0, FEW) : sorted;
  const rest = many && !how.all ? sorted.slice(FEW).reduce((whole, term) => whole + term.amount, 0) : null;
  const amounts = [
    ...listed.map((term) => term.amount),
    ...(rest === null ? [] : [rest]),
    ...(sum.bias === null ? [] : [sum.bias]),
  ];
  const whole = sum.rule === "softmax" ? sum.facts.sum : sum.total;
  const digits = whole === null || terms.length < 2 ? null : addingUp(amounts, whole, 3, 6);
  const write = (/** @type {number} */ x) => (digits === null ? fmtOperand(x) : fmtNumber(x, digits));
  const [symbol, value] = parts.name.children;
  setText(symbol, nameOf(sum, picture, api));
  setText(value, " = " + (sum.total === null ? "−∞" : fmtOperand(sum.total)));
  setText(parts.hint, api.str("attend.hint." + sum.step, { d: picture.header.flow.head_dim }));
  setText(parts.formula, formulaOf(sum, picture, api));
  const rows = [...listed.map((term) => ({ ...term, text: write(term.amount) }))];
  if (rest !== null)
    rows.push({
      name: "",
      operands: api.str("attend.others", { count: fmtNumber(terms.length - FEW) }),
      amount: rest,
      text: write(rest),
    });
  if (sum.bias !== null)
    rows.push({ name: "", operands: api.str("attend.bias"), amount: sum.bias, text: write(sum.bias) });
  drawRows(parts.body, rows, api);
  setText(
    parts.total,
    whole === null || rows.length < 2
      ? ""
      : `${sum.rule === "softmax" ? "Σ" : ""} = ${write(whole)}${digits === null ? " " + api.str("attend.rounded") : ""}`,
  );
  setAttr(parts.all, "hidden", !many);
  setText(
    parts.all,
    how.all ? api.str("attend.few_terms") : api.str("attend.all_terms", { count: fmtNumber(terms.length) }),
  );
  setAttr(parts.order, "hidden", !many);
  setAttr(parts.order, "aria-pressed", String(how.largest));
  setClass(parts.order, "on", how.largest);
}

/** @type {(body: HTMLElement, rows: (TermLine & { text: string })[], api: Page) => void} */
function drawRows(body, rows, api) {
  const made = slots(body, rows.length, () =>
    el("tr", {}, el("td", { class: "term-name" }), el("td", {}), el("td", { class: "term-amount" })),
  );
  rows.forEach(({ name, operands, text, to }, at) => {
    const [first, middle, last] = made[at].children;
    const key = to ? JSON.stringify(to) : "";
    if (made[at].getAttribute("data-to") !== key) first.replaceChildren(...(to ? [goTo(name, to, api)] : []));
    setAttr(made[at], "data-to", key);
    setText(to ? /** @type {Element} */ (first.firstElementChild) : first, name);
    setText(middle, operands);
    setText(last, text);
  });
}

/** @type {(name: string, to: Record<string, unknown>, api: Page) => HTMLElement} */
function goTo(name, to, api) {
  return el("button", {
    type: "button",
    class: "link",
    text: name,
    title: api.str("attend.go"),
    onclick: () => api.setView(to),
  });
}

/** @type {(picture: Full | null, api: Page) => Table} */
function sumTable(picture, api) {
  const columns = ["term", "a", "b", "amount"].map((name) => api.str("attend.column." + name));
  const sum = picture?.header.sum;
  if (!picture || !sum) return { columns, rows: [] };
  const table = numbersOf(picture, "terms");
  const operand = (/** @type {number} */ x) => (Number.isNaN(x) ? null : x);
  const rows = Array.from({ length: table.length / 3 }, (_, i) => [
    sum.names[i] ?? i,
    operand(table[3 * i]),
    operand(table[3 * i + 1]),
    table[3 * i + 2],
  ]);
  return { columns, rows: sum.bias === null ? rows : [...rows, [api.str("attend.bias"), null, null, sum.bias]] };
}
