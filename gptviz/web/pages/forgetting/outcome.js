// The picture: a row after A and one for B with each remedy; columns: what is right of A and of B with its interval, and what each
// language costs more than at the beginning. A row fills when its run is over; below it, what that says.

import { el, setAttr, setClass, setStyle, setText, slots } from "../../kit/dom.js";
import { createHead, spacer } from "../../kit/panel.js";

/** @import { Marking, Page, Panel, Shown } from "./types.d.ts" */
/** @import { ForgettingHeader, More, Right, Row } from "./message.d.ts" */
/** @import { Table } from "../../types.d.ts" */

/** @type {(host: HTMLElement, api: Page, marking: Marking) => Panel} */
export function createOutcome(host, api, marking) {
  /** @type {{ picture: Shown | null }} */
  const state = { picture: null };
  const more = api.menu({
    title: () => api.str("forgetting.outcome"),
    reading: () => state.picture?.header.outcome_reading ?? "",
    python: () => state.picture?.header.setup_python,
    table: () => tableOf(state.picture?.header, api),
    picture: () => (state.picture?.header.told.length ? table : null),
  });
  const heads = el("div", { class: "stage-row stage-heads", role: "row" });
  const body = el("div", { class: "stage-body", role: "rowgroup" });
  const table = el(
    "div",
    { class: "stage-table", role: "table", "data-testid": "stages", "aria-label": api.str("forgetting.outcome") },
    el("div", { role: "rowgroup" }, heads),
    body,
  );
  const key = el(
    "p",
    { class: "stage-key" },
    el("span", { class: "key-whisker" }, el("i", {}), api.str("forgetting.key_interval")),
    el("span", { class: "key-after" }, el("i", {}), api.str("forgetting.after_a")),
    el("span", { class: "key-chance" }, el("i", {}), api.str("forgetting.guessing")),
  );
  const foreseen = el("p", { class: "hint", text: api.str("forgetting.foreseen") });
  const told = el("ul", { class: "stage-told", "data-testid": "told" });
  host.append(createHead(api.str("forgetting.outcome"), spacer(), more), table, key, foreseen, told);
  marking.listen(body);
  marking.add((at) => {
    for (const row of body.children) setClass(row, "marked", row.getAttribute("data-at") === at);
  });
  return {
    update: (picture) => {
      state.picture = picture;
      const { header } = picture;
      const names = [
        "",
        api.str("forgetting.a_right"),
        api.str("forgetting.b_right"),
        ...header.parts.map(([, x]) => x),
      ];
      const titles = slots(heads, names.length, () => el("span", { role: "columnheader" }));
      names.forEach((name, i) => setText(titles[i], name));
      const rows = slots(body, header.outcome.length, () => createRow(names.length - 1, api, marking));
      header.outcome.forEach((row, i) => showRow(/** @type {HTMLElement} */ (rows[i]), row, header, names, api));
      for (const row of rows) setClass(row, "marked", row.getAttribute("data-at") === marking.at());
      setAttr(more, "hidden", !header.told.length);
      setAttr(foreseen, "hidden", header.told.length > 0);
      const lines = slots(told, header.told.length, () => el("li", {}));
      header.told.forEach((line, i) => setText(lines[i], line));
    },
  };
}

/** @type {(cells: number, api: Page, marking: Marking) => HTMLElement} */
function createRow(cells, api, marking) {
  const name = el("button", { type: "button", class: "stage-name", title: api.str("forgetting.mark") });
  const row = el(
    "div",
    { class: "stage-row", role: "row", "data-testid": "stage" },
    el("span", { role: "rowheader" }, el("i", { class: "stage-line", "aria-hidden": "true" }), name, el("small", {})),
    Array.from({ length: cells }, () => createCell()),
  );
  name.addEventListener("click", () => marking.choose(row.dataset.at ?? ""));
  return row;
}

/** @type {() => HTMLElement} */
function createCell() {
  const marks = ["fill", "whisker", "after", "chance", "zero", "dot"].map((name) => el("i", { class: name }));
  return el(
    "span",
    { class: "stage-cell", role: "cell" },
    el("b", { class: "mono" }),
    el("small", { class: "mono" }),
    el("span", { class: "stage-track", "aria-hidden": "true" }, marks),
  );
}

/** @type {(node: HTMLElement, row: Row, header: ForgettingHeader, names: string[], api: Page) => void} */
function showRow(node, row, header, names, api) {
  const [head, ...cells] = node.children;
  const [, name, small] = head.children;
  setAttr(node, "data-at", row.at);
  setClass(node, "pending", row.state !== "done");
  setText(name, row.name);
  setText(small, row.state === "done" ? row.spent : api.str(`forgetting.${row.state}`));
  const after = header.outcome[0];
  const shown = [
    rightOf(row.first, row.at === "first" ? null : after?.first, header.chance[0]),
    rightOf(row.then, null, header.chance[1]),
    ...header.parts.map(([part], i) => moreOf(row.language[i], row.at === "first" ? null : after, part, header)),
  ];
  cells.forEach((cell, i) => {
    setAttr(cell, "data-label", names[i + 1]);
    showCell(cell, shown[i]);
  });
}

/** @typedef {{ said: string, small: string, at?: number, low?: number, high?: number, after?: number, chance?: number, from?: number, to?: number, zero?: number }} Cell */

// Parts of 1 along the track.
/** @type {(right: Right | null, after: Right | null | undefined, chance: number) => Cell} */
function rightOf(right, after, chance) {
  const guides = { after: after?.value, chance: chance || undefined };
  if (!right) return { said: "", small: "", ...guides };
  return { said: right.said, small: right.interval, at: right.value, low: right.low, high: right.high, ...guides };
}

/** @type {(one: More | undefined, after: Row | null, part: string, header: ForgettingHeader) => Cell} */
function moreOf(one, after, part, { most_more, least_more }) {
  const place = (/** @type {number} */ x) => (x - least_more) / (most_more - least_more);
  const before = after?.language.find((other) => other.part === part);
  const guide = { after: before ? place(before.more) : undefined, zero: place(0) };
  if (!one) return { said: "", small: "", ...guide };
  const [from, to] = [Math.min(0, one.more), Math.max(0, one.more)].map(place);
  return { said: one.said, small: "", from, to, ...guide };
}

/** @type {(node: Element, cell: Cell) => void} */
function showCell(node, { said, small, at, low, high, after, chance, from, to, zero }) {
  const [number, interval, track] = node.children;
  const [fill, whisker, afterLine, chanceLine, zeroLine, dot] = /** @type {HTMLElement[]} */ ([...track.children]);
  setText(number, said);
  setText(interval, small);
  put(fill, from, to);
  put(whisker, low, high);
  put(afterLine, after);
  put(chanceLine, chance);
  put(zeroLine, zero);
  put(dot, at);
}

// From one place to another, or at one; nowhere: hidden.
/** @type {(node: HTMLElement, from: number | undefined, to?: number) => void} */
function put(node, from, to) {
  setAttr(node, "hidden", from === undefined);
  if (from === undefined) return;
  setStyle(node, "left", `${100 * from}%`);
  if (to !== undefined) setStyle(node, "width", `${100 * (to - from)}%`);
}

/** @type {(header: ForgettingHeader | undefined, api: Page) => Table} */
function tableOf(header, api) {
  const named = (/** @type {string} */ name) => api.str(`forgetting.column.${name}`);
  const columns = [
    ...["stage", "first", "first_interval", "then", "then_interval"].map(named),
    ...(header?.parts ?? []).map(([, name]) => name),
    named("spent"),
  ];
  const rows = (header?.outcome ?? [])
    .filter(({ state }) => state === "done")
    .map(({ name, first, then, language, spent }) => [
      name,
      first?.value ?? null,
      first?.interval ?? "",
      then?.value ?? null,
      then?.interval ?? "",
      ...language.map(({ more }) => more),
      spent,
    ]);
  return { columns, rows };
}
