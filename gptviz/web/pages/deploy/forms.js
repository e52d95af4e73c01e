// The forms of the weights as a table whose numbers have bars: memory, speed, error, agreement.

import { el, setAttr, setClass, setStyle, setText, slots } from "../../kit/dom.js";
import { createHead, spacer } from "../../kit/panel.js";

/** @import { Page, Panel, Shown } from "./types.d.ts" */
/** @import { Cell, FormRow } from "./message.d.ts" */

const CELLS = ["memory", "token", "pass", "error", "agreement", "perplexity"];
const FORMS = ["float32", "float16", "bfloat16", "int8", "int8_wide"];

/** @type {(host: HTMLElement, api: Page) => Panel} */
export function createForms(host, api) {
  /** @type {Shown | null} */
  let shown = null;
  const more = api.menu({
    title: api.str("deploy.forms_title"),
    reading: () => shown?.header.forms_reading ?? "",
    python: () => shown?.header.forms_python ?? "",
    table: () => ({ columns: shown?.header.forms_columns ?? [], rows: shown?.header.forms_rows ?? [] }),
    picture: () => (shown?.header.forms.length ? table : null),
  });
  const small = el("small", {});
  const progress = el("progress", { class: "deploy-progress", "data-testid": "forms-progress" });
  const head = el(
    "div",
    { class: "form-row form-heads", role: "row" },
    el("span", { role: "columnheader", text: api.str("deploy.column.form") }),
    CELLS.map((name) => el("span", { role: "columnheader", text: api.str("deploy.head." + name) })),
  );
  const body = el("div", { class: "form-body", role: "rowgroup" });
  const table = el(
    "div",
    { class: "form-table", role: "table", "data-testid": "forms", "aria-label": api.str("deploy.forms_title") },
    el("div", { role: "rowgroup" }, head),
    body,
  );
  const reading = el("p", { class: "deploy-reading", "data-testid": "forms-reading" });
  const empty = el("p", { class: "hint", text: api.str("empty.hint") });
  host.append(createHead(api.str("deploy.forms_title"), small, spacer(), more), progress, empty, table, reading);
  return {
    update: (picture) => {
      shown = picture;
      const { forms, forms_rows, forms_reading, forms_done, forms_wanted } = picture.header;
      setText(
        small,
        forms_wanted
          ? api.str("deploy.measured", { done: forms_done, wanted: forms_wanted })
          : api.str("deploy.forms_small"),
      );
      showProgress(progress, forms_done, forms_wanted, api.str("deploy.forms_title"));
      setAttr(more, "hidden", !forms_rows.length); // its table would be empty
      setAttr(table, "hidden", !forms.length);
      setAttr(empty, "hidden", Boolean(forms_reading));
      setText(reading, forms_reading);
      const rows = slots(body, forms.length, () => createRow());
      forms.forEach((form, i) => showRow(/** @type {HTMLElement} */ (rows[i]), form, FORMS[i], api));
    },
  };
}

/** @type {(node: HTMLElement, done: number, wanted: number, label: string) => void} */
export function showProgress(node, done, wanted, label) {
  setAttr(node, "hidden", !wanted);
  setAttr(node, "max", wanted || 1);
  setAttr(node, "value", done);
  setAttr(node, "aria-label", label);
}

/** @type {() => HTMLElement} */
function createRow() {
  return el(
    "div",
    { class: "form-row", role: "row", "data-testid": "form-row" },
    el("span", { class: "form-name", role: "rowheader" }),
    CELLS.map((name) =>
      el(
        "span",
        { class: "form-cell " + name, role: "cell" },
        el("b", { class: "mono" }),
        el("i", { class: "form-track", "aria-hidden": "true" }, el("i", { class: "fill" })),
        el("small", { class: "mono" }),
      ),
    ),
  );
}

/** @type {(row: HTMLElement, form: FormRow, key: string, api: Page) => void} */
function showRow(row, { name, held, cells, note }, key, api) {
  const [label, ...places] = row.children;
  setText(label, name);
  setAttr(label, "title", api.str("deploy.form_hint." + key));
  setClass(row, "held", held);
  setAttr(row, "title", held ? api.str("deploy.held") : null);
  places.forEach((place, i) => {
    setAttr(place, "data-label", api.str("deploy.head." + CELLS[i]));
    showCell(place, cells[i] ?? null, i === 0 ? note : "");
  });
}

/** @type {(place: Element, cell: Cell | null, instead: string) => void} */
function showCell(place, cell, instead) {
  const [number, track, small] = place.children;
  setText(number, cell?.number ?? instead);
  setText(small, cell?.more ?? "");
  setStyle(
    /** @type {HTMLElement} */ (track.firstElementChild),
    "width",
    (Math.min(1, Math.max(0, cell?.share ?? 0)) * 100).toFixed(2) + "%",
  );
}
