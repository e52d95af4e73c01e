// The comparison: strategies as columns on one prompt, one step looked at in all of them, many draws below.

import { createColumn } from "./column.js";
import { createControls } from "./controls.js";
import { el, fmtNumber, setAttr, setClass, setText } from "../../kit/dom.js";
import { createDraws } from "./draws.js";
import { createEditor } from "./editor.js";
import { createDownloads, sendPiece } from "./files.js";
import { listenToKeys } from "../../kit/keys.js";
import { askForMore, spacer } from "../../kit/panel.js";
import { drawPanel, servePage } from "../../wire/page.js";

/** @import { Traits } from "../../types.d.ts" */
/** @import { Column, Page, Screen, Shown } from "./types.d.ts" */
/** @import { ColumnView, CompareHeader } from "./message.d.ts" */
/** @import { Table } from "../../types.d.ts" */

const AUTO_STEP = -1; // the first fork, whichever that is in the picture at hand

// Parts of the link that mean nothing beside another text.
/** @type {Traits<CompareHeader>} */
const TRAITS = { ofText: ["step"] };

export default servePage((grid, page) => {
  const columns = el("div", { class: "compare-columns edged", "data-testid": "columns" });
  /** @type {Screen} */
  const screen = {
    page,
    cards: new Map(),
    step: null,
    known: null,
    controls: createControls(page),
    editor: createEditor(page),
    bar: createBar(page, columns),
    columns,
    draws: createDraws(page),
    download: createDownloads(page),
  };
  grid.append(screen.controls.node, screen.bar.node, columns, screen.draws.card);
  const stop = listenToKeys(page.root, {
    step: () => walk(page, 1),
    back: () => walk(page, -1),
    play: () => screen.controls.toggle(),
  });
  /** @param {KeyboardEvent} event */
  const leave = (event) => event.key === "Escape" && !event.defaultPrevented && pickStep(page, AUTO_STEP);
  page.root.addEventListener("keydown", leave);
  return {
    setText: (text) => screen.controls.setValue(text),
    update: (picture) => drawComparison(screen, picture),
    drawn: ({ header }) => {
      screen.download(header);
      sendPiece(page);
      askForMore(page, header);
    },
    stop: () => {
      stop();
      page.root.removeEventListener("keydown", leave);
    },
  };
}, TRAITS);

/** @type {(screen: Screen, picture: Shown) => void} */
function drawComparison(screen, picture) {
  const { header } = picture;
  const { page, cards, columns } = screen;
  const step = stepOf(page, header);
  drawPanel(screen.controls, header);
  keepCards(screen, header);
  setAttr(columns, "data-count", header.columns.length);
  for (const column of header.columns) drawPanel(cardOf(screen, column.number), column, picture, step);
  screen.bar.update(picture, step);
  drawPanel(screen.draws, header);
  screen.editor.update(header, new Map([...cards].map(([number, { card }]) => [number, card])));
  if (step !== screen.step) for (const { follow } of cards.values()) follow(step);
  screen.step = step;
  openAdded(screen, header, page);
}

// One card per column, in the columns' order; a card stays with its column when that moves.
/** @type {(screen: Screen, header: CompareHeader) => void} */
function keepCards(screen, { columns }) {
  const { cards } = screen;
  const wanted = new Set(columns.map(({ number }) => number));
  for (const [number, { card }] of cards) {
    if (wanted.has(number)) continue;
    card.remove();
    cards.delete(number);
  }
  columns.forEach((column, at) => {
    const { number } = column;
    if (!cards.has(number)) cards.set(number, newCard(screen, column));
    const { card } = cardOf(screen, number);
    if (screen.columns.children[at] !== card) screen.columns.insertBefore(card, screen.columns.children[at] || null);
  });
}

/** @type {(screen: Screen, column: ColumnView) => Column} */
function newCard(screen, column) {
  return createColumn(column, screen.page, {
    pick: (step) => pickStep(screen.page, step),
    edit: (number, card) => toggleEditor(screen, number, card),
  });
}

/** @type {(screen: Screen, number: number) => Column} */
function cardOf({ cards }, number) {
  return /** @type {Column} */ (cards.get(number));
}

/** @type {(screen: Screen, number: number, card: HTMLElement) => void} */
function toggleEditor({ editor }, number, card) {
  if (editor.number() === number) editor.close();
  else editor.open(number, card);
}

// A column just added opens its form.
/** @type {(screen: Screen, header: CompareHeader, page: Page) => void} */
function openAdded(screen, header, page) {
  const numbers = header.columns.map(({ number }) => number);
  const fresh =
    screen.known &&
    numbers.length === screen.known.length + 1 &&
    numbers.find((number) => !screen.known?.includes(number));
  screen.known = numbers;
  if (
    fresh &&
    /** @type {HTMLElement | null} */ (/** @type {ShadowRoot} */ (page.root.getRootNode()).activeElement)?.dataset
      .testid === "add"
  )
    screen.editor.open(fresh, cardOf(screen, fresh).card);
}

// What this browser wants to look at, which Python may not have heard yet.
/** @type {(page: Page, header: CompareHeader) => number} */
function stepOf(page, header) {
  const wanted = page.view().step;
  return wanted === AUTO_STEP || wanted === undefined ? header.step : wanted;
}

/** @type {(page: Page, step: number) => void} */
function pickStep(page, step) {
  page.setView({ step });
}

/** @type {(page: Page, by: number) => void} */
function walk(page, by) {
  const picture = page.picture();
  if (!picture?.header.axes.steps) return;
  const step = stepOf(page, picture.header) + by;
  if (step >= 0 && step < picture.header.axes.steps) pickStep(page, step);
}

// The line above the columns: what it is, what the marks mean, and which step is looked at.
/** @type {(page: Page, columns: HTMLElement) => Screen["bar"]} */
function createBar(page, columns) {
  /** @type {{ picture: Shown | null }} */
  const memory = { picture: null };
  const hint = el("small", { role: "status" });
  const at = el("button", {
    type: "button",
    class: "link",
    "data-testid": "step",
    onclick: () => pickStep(page, AUTO_STEP),
  });
  /** @param {string} key @param {string} sign @param {number} by */
  const arrow = (key, sign, by) =>
    el("button", {
      type: "button",
      class: "btn arrow",
      "data-testid": key,
      "aria-label": page.str("compare." + key),
      text: sign,
      onclick: () => walk(page, by),
    });
  /** @param {string} kind @param {string} key */
  const mark = (kind, key) => el("span", { class: "mark" }, el("i", { class: kind }), page.str("compare." + key));
  const legend = el(
    "span",
    { class: "marks" },
    el(
      "span",
      { class: "mark" },
      page.str("compare.surprisal"),
      el("i", { class: "ramp" }),
      "12+ " + page.str("compare.bits"),
    ),
    mark("leaves", "leaves_key"),
    mark("loop", "loops_key"),
    mark("model", "entropy_model"),
    mark("after", "entropy_after"),
  );
  const menu = page.menu({
    title: page.str("compare.title"),
    reading: () => memory.picture?.header.reading || page.str("compare.nothing"),
    python: () => memory.picture?.header.python,
    table: () => comparisonTable(memory.picture?.header, page),
    picture: () => (memory.picture?.header.axes.steps ? columns : null),
  });
  const node = el(
    "div",
    { class: "compare-bar" },
    el("h2", { text: page.str("compare.title") }),
    hint,
    spacer(),
    legend,
    el(
      "span",
      { class: "compare-stepper", title: page.str("compare.step_hint") },
      arrow("earlier", "‹", -1),
      at,
      arrow("later", "›", 1),
    ),
    menu,
  );
  return {
    node,
    update: (picture, step) => {
      memory.picture = picture;
      const { header } = picture;
      const stale = header.stale && header.columns.some(({ words }) => words.length);
      setText(hint, page.str(stale ? (header.other_text ? "compare.other_text" : "compare.stale") : "compare.hint"));
      setClass(hint, "stale-note", stale);
      const auto = page.view().step === AUTO_STEP && header.forked;
      setText(
        at,
        page.str(auto ? "compare.step_auto" : "compare.step", { step: step + 1, steps: fmtNumber(header.axes.steps) }),
      );
    },
  };
}

/** @type {(header: CompareHeader | undefined, page: Page) => Table} */
function comparisonTable(header, page) {
  const names = /** @type {const} */ ([
    "logprob",
    "mean_logprob",
    "perplexity",
    "distinct_1",
    "distinct_2",
    "length",
    "passes",
    "seconds",
  ]);
  const heads = ["name", ...names, "leaves", "text"].map((name) => page.str("compare.table." + name));
  const written = (header?.columns ?? []).flatMap((column) =>
    column.measures ? [{ column, measures: column.measures }] : [],
  );
  const rows = written.map(({ column, measures }) => [
    column.name,
    ...names.map((name) => measures[name]),
    (column.leaves ?? null) === null ? null : Number(column.leaves) + 1,
    column.words
      .map(([, , text]) => text)
      .join("")
      .replaceAll("\n", " "),
  ]);
  return { columns: heads, rows };
}
