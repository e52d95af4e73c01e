// The lessons in their order, each with what it is for, how long it takes and how far one has come; and a file of one's own.

import { el, fmtNumber, setText } from "../../kit/dom.js";
import { rememberOwn } from "../../kit/lesson_memory.js";
import { createHead, spacer } from "../../kit/panel.js";

/** @import { Entry } from "./message.d.ts" */
/** @import { Page, Panel, Shown } from "./types.d.ts" */

/** @type {(grid: HTMLElement, page: Page) => Panel} */
export function createList(grid, page) {
  const { str } = page;
  const list = el("ol", { class: "lesson-list", "data-testid": "lesson-list" });
  const own = createOwn(page);
  const header = () => page.picture()?.header;
  const more = page.menu({
    title: str("lessons.list"),
    reading: () => header()?.list_reading ?? "",
    python: () => header()?.list_python,
    table: () => ({
      columns: ["title", "aim", "minutes", "steps", "done"].map((name) => str("lessons.column." + name)),
      rows: (header()?.lessons ?? []).map(({ title, aim, minutes, steps, done }) => [title, aim, minutes, steps, done]),
    }),
    picture: () => list,
  });
  const card = el(
    "section",
    { class: "card list-card" },
    createHead(str("lessons.list"), el("small", { text: str("lessons.list_note") }), spacer(), more),
    list,
    own.node,
  );
  grid.append(card);
  let drawn = "";
  const update = (/** @type {Shown} */ { header }) => {
    const key = JSON.stringify([header.lessons, header.chosen?.name]);
    own.update(header);
    if (key === drawn) return;
    drawn = key;
    const held = /** @type {ShadowRoot} */ (card.getRootNode()).activeElement?.getAttribute("data-testid");
    list.replaceChildren(...header.lessons.map((entry) => row(entry, entry.name === header.chosen?.name, page)));
    if (held) /** @type {HTMLElement | null} */ (list.querySelector(`[data-testid="${held}"]`))?.focus();
  };
  return { update };
}

/** @type {(entry: Entry, on: boolean, page: Page) => HTMLElement} */
function row({ name, number, title, aim, minutes, steps, done, at }, on, { str, act, setView }) {
  const whole = done >= steps;
  const word = whole ? "again" : done || at ? "go_on" : "start";
  const go = () => act({ kind: "lesson", do: "open", name, at: whole ? 0 : at });
  return el(
    "li",
    { class: "lesson-row" + (on ? " on" : "") },
    el("span", { class: "lesson-number", text: number || "+" }),
    el("button", {
      type: "button",
      class: "lesson-name",
      text: title,
      "data-testid": "lesson-" + name,
      "aria-current": on ? "true" : null,
      title: str("lessons.look", { title }),
      onclick: () => setView({ which: name }),
    }),
    el("p", { class: "lesson-aim", text: aim, title: aim }),
    el(
      "div",
      { class: "lesson-go" },
      el("button", {
        type: "button",
        class: on ? "btn primary" : "btn",
        text: str("lessons." + word),
        "aria-label": str("lessons." + word) + ": " + title,
        "data-testid": "start-" + name,
        onclick: go,
      }),
      el("small", {
        text: str("lessons.minutes", { count: minutes }) + " · " + str("lessons.progress", { done, steps }),
      }),
    ),
  );
}

/** @type {(page: Page) => { node: HTMLElement, update: (header: Shown["header"]) => void }} */
function createOwn({ str, act }) {
  const said = el("p", { class: "note error", role: "status", hidden: true, "data-testid": "own-said" });
  const input = el("input", {
    type: "file",
    accept: ".md,text/markdown,text/plain",
    class: "visually-hidden",
    tabindex: "-1",
    "data-testid": "own-file",
    "aria-label": str("lessons.own"),
  });
  let most = 0;
  const tell = (/** @type {string} */ text) => {
    said.hidden = !text;
    setText(said, text);
  };
  input.addEventListener("change", async () => {
    const [file] = input.files ?? [];
    input.value = "";
    if (!file) return;
    if (file.size > 4 * most)
      return tell(str("lessons.too_large", { size: fmtNumber(file.size), most: fmtNumber(most) }));
    try {
      const text = await file.text();
      if (text.length > most)
        return tell(str("lessons.too_large", { size: fmtNumber(text.length), most: fmtNumber(most) }));
      rememberOwn(text);
      act({ kind: "lesson", do: "drop", text });
    } catch {
      tell(str("lessons.unreadable"));
    }
  });
  const open = el("button", {
    type: "button",
    class: "btn",
    text: str("lessons.drop"),
    "data-testid": "own-open",
    onclick: () => input.click(),
  });
  const node = el(
    "div",
    { class: "own-card" },
    el("div", { class: "own-row" }, el("b", { text: str("lessons.own") }), open, input),
    el("p", { class: "hint", text: str("lessons.own_note") }),
    said,
  );
  let last = "";
  const update = (/** @type {Shown["header"]} */ header) => {
    most = header.largest;
    if (header.own_error !== last) tell(header.own_error);
    last = header.own_error;
  };
  return { node, update };
}
