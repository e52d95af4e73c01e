// How well it does on what was held out: beside what needs no GPT, by label, and which label is taken for which.

import { showBars } from "../../kit/bars.js";
import { el, fmtNumber, fmtPercent, setAttr, setStyle, setText, slots } from "../../kit/dom.js";
import { createHead, spacer } from "../../kit/panel.js";
import { indigo, inkOn } from "../../kit/theme.js";

/** @import { Page, Panel, Shown } from "./types.d.ts" */

const SHAPE = { tag: /** @type {const} */ ("div"), attrs: { "data-testid": "figure" } };
const MOST = 8; // labels of which the confusion is drawn

/** @type {(host: HTMLElement, api: Page) => Panel} */
export function createReport(host, api) {
  /** @type {{ picture: Shown | null }} */
  const state = { picture: null };
  const figures = el("div", { class: "bars figures", "data-testid": "figures" });
  const plain = el("dl", { class: "cost" });
  const columns = ["label", "precision", "recall", "f1", "support"].map((name) => api.str(`tuning.column.${name}`));
  const rows = el("tbody", {});
  const table = el(
    "table",
    { class: "sheet", "data-testid": "report" },
    el(
      "thead",
      {},
      el(
        "tr",
        {},
        columns.map((text, i) => el("th", { class: i ? "of-number" : "of-label", scope: "col", text })),
      ),
    ),
    rows,
  );
  const box = el("div", { class: "table-box edged", tabindex: "0" }, table);
  const cells = el("div", { class: "confusion", "data-testid": "confusion" });
  const hint = el("p", { class: "hint", text: api.str("tuning.confusion_hint") });
  const body = el("div", { class: "report-body" }, figures, plain, box, cells, hint);
  const more = api.menu({
    title: () => api.str("tuning.report"),
    reading: () => state.picture?.header.report_reading ?? "",
    python: () => state.picture?.header.setup_python,
    table: () => ({ columns, rows: state.picture?.header.report ?? [] }),
    picture: () => body,
  });
  host.append(createHead(api.str("tuning.report"), spacer(), more), body);
  return {
    update: (picture) => {
      state.picture = picture;
      const { header } = picture;
      setAttr(host, "hidden", !header.figures.length);
      const bars = header.figures.filter(([, , share]) => share >= 0);
      showBars(
        figures,
        bars.map(([word, number, p], i) => ({ p, word, number, marks: { others: i > 0 } })),
        1,
        SHAPE,
      );
      const pairs = header.figures.filter(([, , share]) => share < 0);
      const made = slots(plain, pairs.length, () => el("div", {}, el("dt", {}), el("dd", { class: "mono" })));
      pairs.forEach(([word, value], i) => {
        setText(made[i].children[0], word);
        setText(made[i].children[1], value);
      });
      setAttr(box, "hidden", !header.report.length);
      showRows(rows, header.report);
      showConfusion(cells, picture, api);
      for (const node of [cells, hint]) setAttr(node, "hidden", !header.confusion.length || header.names.length > MOST);
    },
  };
}

/** @type {(host: HTMLElement, rows: [string, number, number, number, number][]) => void} */
function showRows(host, rows) {
  const made = slots(host, rows.length, () =>
    el(
      "tr",
      {},
      el("th", { class: "of-label", scope: "row" }),
      [0, 1, 2, 3].map(() => el("td", { class: "of-number mono" })),
    ),
  );
  rows.forEach(([label, precision, recall, f1, support], i) => {
    const said = [label, fmtPercent(precision, 1), fmtPercent(recall, 1), fmtPercent(f1, 1), fmtNumber(support)];
    said.forEach((text, at) => setText(made[i].children[at], text));
    setAttr(made[i].children[0], "title", label);
  });
}

/** @type {(host: HTMLElement, picture: Shown, api: Page) => void} */
function showConfusion(host, { header, theme }, api) {
  const { names, confusion } = header;
  if (names.length > MOST) return void host.replaceChildren();
  setStyle(host, "--names", String(names.length));
  const said = [["", ...names], ...confusion.map((row, i) => [names[i], ...row])];
  const made = slots(host, said.length * (names.length + 1), () => el("span", {}));
  said.forEach((row, r) => {
    const sum = r ? confusion[r - 1].reduce((a, b) => a + b, 0) : 0;
    row.forEach((value, c) => {
      const node = made[r * (names.length + 1) + c];
      const count = r > 0 && c > 0;
      const share = count && sum ? Number(value) / sum : 0;
      setAttr(node, "class", count ? "head-cell mono" : "confusion-name");
      setText(node, typeof value === "number" ? fmtNumber(value) : value);
      setStyle(node, "background", count ? indigo(theme, share) : "none");
      setStyle(node, "color", count ? inkOn(theme, share, 1) : "");
      setAttr(
        node,
        "title",
        count
          ? api.str("tuning.taken", { truth: names[r - 1], found: names[c - 1], count: fmtNumber(Number(value)) })
          : String(value) || null,
      );
    });
  });
}
