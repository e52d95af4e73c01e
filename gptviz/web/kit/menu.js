// "⋯" of each panel: its reading in words, its numbers as a table, the same as CSV and JSON, what it shows as PNG and SVG, the link
// that restores the page, and the Python call that makes it.

import { el, fmtNumber } from "./dom.js";
import { fmtScientific } from "./numbers.js";
import { pictureOf } from "./picture.js";

/** @import { Cell, Lazy, Menu, Say, Spec, Table } from "../types.d.ts" */
/** @typedef {{ str: Say, link: (near: HTMLElement) => Promise<boolean> }} Deps */

const MOST_ROWS = 300;
const SHOWN_FOR = 1800;

// One dialog serves all panels. Gives { button(spec), open(title, body(close)) }; what spec holds may be values or functions. `link`
// copies the page's link.
/** @type {(root: HTMLElement, deps: Deps) => Menu} */
export function createMenu(root, { str, link }) {
  const dialog = el("dialog", { class: "sheet" });
  root.append(dialog);
  dialog.addEventListener("keydown", (event) => event.stopPropagation());
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  /** @type {Menu["open"]} */
  const open = (title, body) => {
    const close = () => dialog.close();
    const shut = el("button", {
      type: "button",
      class: "more",
      "aria-label": str("menu.close"),
      onclick: close,
      text: "×",
    });
    dialog.replaceChildren(
      el(
        "div",
        { class: "sheet-in" },
        el("div", { class: "head" }, el("h2", { text: title }), el("span", { class: "spacer" }), shut),
        body(close),
      ),
    );
    dialog.setAttribute("aria-label", title);
    if (!dialog.open) dialog.showModal();
  };
  /** @type {Menu["button"]} */
  const button = (spec) =>
    el("button", {
      type: "button",
      class: "more",
      "data-testid": "more",
      "aria-haspopup": "dialog",
      "aria-label": str("menu.open", { title: said(spec.title) }),
      text: "⋯",
      onclick: () => {
        const show = () => open(said(spec.title), () => sheet(spec, { str, link }));
        const waited = spec.ready?.();
        if (waited) waited.then(show);
        else show();
      },
    });
  return { button, open };
}

/** @type {(value: Lazy<string | undefined> | undefined) => string} */
function said(value) {
  return (typeof value === "function" ? value() : value) || "";
}

/** @type {(spec: Spec, deps: Deps) => HTMLElement} */
function sheet(spec, deps) {
  const { str } = deps;
  const title = said(spec.title);
  const table = spec.table();
  const python = said(spec.python);
  return el(
    "div",
    { class: "sheet-body" },
    el("p", { class: "reading", text: said(spec.reading) }),
    table.rows.length ? tableView(table, title, str) : null,
    python ? el("pre", { class: "mono", text: python, tabindex: "0" }) : null,
    actions(spec, { title, table, python }, deps),
  );
}

/** @type {(spec: Spec, shown: { title: string, table: Table, python: string }, deps: Deps) => HTMLElement} */
function actions(spec, { title, table, python }, { str, link }) {
  const state = el("span", { class: "done", role: "status" });
  /** @param {string} key */
  const done = (key) => {
    state.textContent = str(key);
    setTimeout(() => (state.textContent = ""), SHOWN_FOR);
  };
  /** @type {(key: string, run: (event: MouseEvent) => unknown) => HTMLElement} */
  const act = (key, run) => el("button", { type: "button", class: "btn", text: str(key), onclick: run });
  const name = "gptviz-" + title.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, "-");
  /** @type {(key: string, copy: (near: HTMLElement) => Promise<boolean>) => HTMLElement} */
  const copying = (key, copy) =>
    act(key, async (event) => {
      const copied = await copy(/** @type {HTMLElement} */ (event.currentTarget));
      done(copied ? "menu.copied" : "menu.not_copied");
    });
  const shown = spec.picture?.() ?? null;
  const drawn = shown instanceof Element ? pictureOf(shown) : shown;
  /** @type {(ending: string, type: string, content: Blob | string) => void} */
  const keep = (ending, type, content) => save(name + "." + ending, type, content);
  return el(
    "div",
    { class: "actions" },
    table.rows.length ? act("menu.csv", () => keep("csv", "text/csv", "\ufeff" + toCsv(table))) : null,
    table.rows.length
      ? act("menu.json", () => keep("json", "application/json", toJson(table, said(spec.reading))))
      : null,
    drawn ? act("menu.png", () => drawn.toBlob((blob) => blob && keep("png", "image/png", blob))) : null,
    drawn ? act("menu.svg", () => keep("svg", "image/svg+xml", drawn.toSvg())) : null,
    copying("menu.link", link),
    python ? copying("menu.python", (near) => copyText(python, near)) : null,
    state,
  );
}

/** @type {(table: Table, title: string, str: Say) => HTMLElement} */
function tableView({ columns, rows }, title, str) {
  const numeric = columns.map((_, column) =>
    rows.every((row) => row[column] === null || typeof row[column] === "number"),
  );
  /** @type {(value: Cell, column: number) => HTMLElement} */
  const cell = (value, column) => el("td", { class: numeric[column] ? "number" : null, text: shownValue(value) });
  const table = el(
    "table",
    { "aria-label": title },
    el(
      "thead",
      {},
      el(
        "tr",
        {},
        columns.map((name, column) => el("th", { scope: "col", class: numeric[column] ? "number" : null, text: name })),
      ),
    ),
    el(
      "tbody",
      {},
      rows.slice(0, MOST_ROWS).map((row) => el("tr", {}, row.map(cell))),
    ),
  );
  const more =
    rows.length > MOST_ROWS
      ? el("p", { class: "hint", text: str("menu.more_rows", { shown: MOST_ROWS, count: fmtNumber(rows.length) }) })
      : null;
  return el("div", {}, el("div", { class: "table-box edged", tabindex: "0" }, table), more);
}

/** @type {(value: Cell) => string} */
function shownValue(value) {
  if (value === null || value === undefined) return "–";
  if (typeof value !== "number") return String(value);
  if (Number.isInteger(value)) return String(value).replace("-", "−");
  const size = Math.abs(value);
  return size >= 1e-4 ? fmtNumber(value, size < 0.1 ? 5 : size < 100 ? 3 : 1) : fmtScientific(value, 2);
}

// RFC 4180: quotes doubled, lines ended by CR LF; full precision; what is masked or unknown is empty.
/** @type {(table: Table) => string} */
export function toCsv({ columns, rows }) {
  /** @param {Cell} value */
  const field = (value) => {
    if (value === null || value === undefined) return "";
    const text = String(value);
    return /[",\r\n]/.test(text) ? '"' + text.replaceAll('"', '""') + '"' : text;
  };
  return [columns, ...rows].map((row) => row.map(field).join(",") + "\r\n").join("");
}

/** @type {(table: Table, reading: string) => string} */
export function toJson({ columns, rows }, reading) {
  return JSON.stringify({ reading, columns, rows }, null, 1) + "\n";
}

/** @type {(name: string, type: string, content: Blob | string) => void} */
export function save(name, type, content) {
  const url = URL.createObjectURL(
    content instanceof Blob ? content : new Blob([content], { type: type + ";charset=utf-8" }),
  );
  const link = el("a", { href: url, download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10000);
}

// Pages served to a class over plain HTTP have no clipboard interface; a selected text box does it there. `near` is inside the open dialog.
/** @type {(text: string, near: HTMLElement) => Promise<boolean>} */
export async function copyText(text, near) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const area = el("textarea", { class: "visually-hidden", "aria-hidden": "true" });
    area.value = text;
    near.after(area);
    area.select();
    const copied = document.execCommand("copy");
    area.remove();
    near.focus();
    return copied;
  }
}
