// The lesson looked at: two questions for before and after, and three sheets, of which the one that is shown is what is printed.

import { el, setAttr } from "../../kit/dom.js";
import { createHead, spacer } from "../../kit/panel.js";

/** @import { Asked, Chosen, Line } from "./message.d.ts" */
/** @import { Page, Panel, Shown } from "./types.d.ts" */
/** @import { Table } from "../../types.d.ts" */

const SHEETS = /** @type {const} */ (["teacher", "worksheet", "solutions"]);

/** @type {(grid: HTMLElement, page: Page) => Panel} */
export function createChosen(grid, page) {
  const side = el("div", { class: "lessons-side" });
  grid.append(side);
  let drawn = "";
  const update = (/** @type {Shown} */ { header }) => {
    const { chosen, sheet } = header;
    const key = JSON.stringify([chosen, sheet]);
    if (key === drawn) return;
    drawn = key;
    const held = /** @type {ShadowRoot} */ (side.getRootNode()).activeElement?.getAttribute("data-testid");
    if (!chosen) {
      side.replaceChildren(
        el("section", { class: "card" }, el("p", { class: "hint", text: page.str("lessons.none") })),
      );
      return;
    }
    side.replaceChildren(...[probeCard(chosen, page), sheetCard(chosen, sheet, page)].filter((card) => card !== null));
    if (held) /** @type {HTMLElement | null} */ (side.querySelector(`[data-testid="${held}"]`))?.focus();
  };
  return { update };
}

/** @type {(chosen: Chosen, page: Page) => HTMLElement | null} */
function probeCard({ name, probes }, page) {
  if (!probes.length) return null;
  const { str } = page;
  const asked = el(
    "div",
    {},
    probes.map((probe, i) => question(name, probe, i, page)),
  );
  const letter = (/** @type {number | null} */ i) => (i === null ? null : "ABCD"[i]);
  const more = page.menu({
    title: str("lessons.probe"),
    reading: () => page.picture()?.header.probes_reading ?? "",
    python: () => page.picture()?.header.probes_python,
    table: () => ({
      columns: ["question", "options", "before", "after", "right"].map((column) => str("lessons.column." + column)),
      rows: probes.map(({ question, options, before, after, right }) => [
        question,
        options.map((text, i) => "ABCD"[i] + " " + text).join(" / "),
        ...[before, after, right].map(letter),
      ]),
    }),
    picture: () => asked,
  });
  const head = createHead(str("lessons.probe"), spacer(), more);
  const note = el("p", { class: "hint", text: page.str("lessons.probe_note") });
  return el("section", { class: "card probe-card", "data-testid": "probes" }, head, note, asked);
}

// The first answer is that of before, the next one that of after; then what is right is said.
/** @type {(name: string, probe: Asked, place: number, page: Page) => HTMLElement} */
function question(name, { question: asked, options, before, after, right, why }, place, { str, act }) {
  const when = before === null ? "before" : "after";
  const over = right !== null;
  const buttons = options.map((text, answer) =>
    el("button", {
      type: "button",
      class: "btn probe-option" + (answer === right ? " right" : ""),
      text,
      disabled: over,
      "data-testid": `probe-${place}-${answer}`,
      "aria-pressed": String(answer === (over ? after : before)),
      onclick: () => act({ kind: "lesson", do: "probe", name, when, place, answer }),
    }),
  );
  const letter = (/** @type {number | null} */ i) => (i === null ? "–" : "ABCD"[i]);
  const result = str("lessons.probe_result", {
    before: letter(before),
    after: letter(after),
    right: letter(right),
    why,
  });
  const said = over ? result : before !== null ? str("lessons.probe_again") : "";
  for (const [i, button] of buttons.entries()) button.prepend(el("b", { text: "ABCD"[i] }));
  return el(
    "div",
    { class: "probe", role: "group", "aria-label": asked },
    el("p", {}, el("b", { text: str("lessons." + when) + ": " }), asked),
    el("div", { class: "probe-options" }, buttons),
    said ? el("p", { class: "hint", text: said }) : null,
  );
}

/** @type {(chosen: Chosen, sheet: string, page: Page) => HTMLElement} */
function sheetCard(chosen, sheet, page) {
  const { str, setView } = page;
  const title = chosen.title + " · " + str("lessons.sheet_" + sheet);
  const aim = chosen.aim + " (" + str("lessons.minutes", { count: chosen.minutes }) + ")";
  const tabs = SHEETS.map((name) =>
    el("button", {
      type: "button",
      class: "btn",
      text: str("lessons.sheet_" + name),
      "aria-pressed": String(name === sheet),
      "data-testid": "sheet-" + name,
      onclick: () => setView({ sheet: name }),
    }),
  );
  const print = el("button", {
    type: "button",
    class: "btn",
    text: str("lessons.print"),
    "data-testid": "print-sheet",
    onclick: () => window.print(),
  });
  const body = sheet === "teacher" ? teacherBody(chosen, page) : workBody(chosen, sheet === "solutions", page);
  const more = page.menu({
    title,
    reading: aim,
    python: () => page.picture()?.header.sheet_python,
    table: () => (sheet === "teacher" ? planTable(chosen, page) : workTable(chosen, sheet === "solutions", page)),
    picture: () => body,
  });
  setAttr(more, "hidden", sheet !== "teacher" && !chosen.lines.length); // a lesson of one's own may have none
  return el(
    "section",
    { class: "card sheet-card", "data-testid": "sheet" },
    el("div", { class: "sheet-tabs" }, tabs, el("span", { class: "spacer" }), print),
    createHead(title, spacer(), more),
    el("p", { class: "hint", text: aim }),
    body,
  );
}

// The teacher's page: minutes where it is the plan, else none.
/** @type {(chosen: Chosen, page: Page) => Table} */
function planTable({ plan, ask, wrong, standards, headings }, { str }) {
  /** @type {(name: string, entries: string[]) => (string | null)[][]} */
  const part = (name, entries) => entries.map((text) => [str("lessons." + name), null, text]);
  return {
    columns: ["part", "minutes", "text"].map((name) => str("lessons.column." + name)),
    rows: [
      ...plan.map(([minutes, what]) => [str("lessons.plan"), minutes, what]),
      ...part("ask", ask),
      ...part("wrong", wrong),
      ...part("standards", standards),
      ...part("steps", headings),
    ],
  };
}

/** @type {(chosen: Chosen, solved: boolean, page: Page) => Table} */
function workTable({ lines }, solved, { str }) {
  const columns = ["line", "text", ...(solved ? ["solution"] : [])].map((name) => str("lessons.column." + name));
  return {
    columns,
    rows: lines.map(({ said, text, solution }) => [said, text, ...(solved ? [solution] : [])]),
  };
}

/** @type {(chosen: Chosen, page: Page) => HTMLElement} */
function teacherBody({ plan, ask, wrong, standards, headings }, { str }) {
  /** @param {string} title @param {string[]} entries */
  const part = (title, entries) =>
    entries.length
      ? [
          el("h3", { text: str("lessons." + title) }),
          el(
            "ul",
            {},
            entries.map((text) => el("li", { text })),
          ),
        ]
      : [];
  let from = 0;
  const rows = plan.map(([minutes, what]) => {
    const line = el(
      "div",
      { class: "plan-row" },
      el("b", { text: `${from}–${from + minutes}` }),
      el("span", { text: what }),
    );
    from += minutes;
    return line;
  });
  return el(
    "div",
    {},
    rows.length ? [el("h3", { text: str("lessons.plan") }), ...rows] : [],
    part("ask", ask),
    part("wrong", wrong),
    part("standards", standards),
    part("steps", headings),
  );
}

/** @type {(chosen: Chosen, solved: boolean, page: Page) => HTMLElement} */
function workBody({ lines }, solved, { str, picture }) {
  if (!lines.length) return el("p", { class: "hint", text: str("lessons.no_sheet") });
  const model = picture()?.header.model ?? "";
  return el(
    "div",
    {},
    el("p", { class: "work-name", text: str("lessons.name") + ": ______________________________" }),
    el(
      "ol",
      {},
      lines.map((line) => workLine(line, solved, str)),
    ),
    el("p", { class: "hint", text: str("lessons.model", { model }) }),
  );
}

/** @type {(line: Line, solved: boolean, str: Page["str"]) => HTMLElement} */
function workLine({ said, text, solution }, solved, str) {
  const [before, after = ""] = said.split("____");
  const blank = el("span", { class: "blank", text: solved ? solution : "\u00a0" });
  return el(
    "li",
    { class: "work-line" },
    before,
    blank,
    after,
    text ? el("small", { text: str("lessons.text", { text }) }) : null,
  );
}
