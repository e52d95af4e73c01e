// A sentence, a row for each stage: each token on a ground that says what it costs that model; the one under the pointer in numbers.

import { createLabel, writeLabel } from "../../kit/chips.js";
import { el, fmtNumber, setAttr, setClass, setStyle, setText, slots } from "../../kit/dom.js";
import { createHead, spacer } from "../../kit/panel.js";
import { BITS_AT_FULL_COLOUR, surprisalColour } from "../../kit/theme.js";

/** @import { Marking, Page, Panel, Shown } from "./types.d.ts" */
/** @import { ForgettingHeader, SaidRow } from "./message.d.ts" */
/** @import { Table } from "../../types.d.ts" */

const SAID = ["typed", "en", "zh"];

/** @type {(host: HTMLElement, api: Page, marking: Marking) => Panel} */
export function createSentence(host, api, marking) {
  /** @type {{ picture: Shown | null, pos: number }} */
  const state = { picture: null, pos: -1 };
  const more = api.menu({
    title: () => api.str("forgetting.sentence"),
    reading: () => state.picture?.header.sentence_reading ?? "",
    python: () => state.picture?.header.sentence_python,
    table: () => tableOf(state.picture?.header, api),
    picture: () => (state.picture?.header.said_rows.length ? rows : null),
  });
  const buttons = SAID.map((name) =>
    el("button", {
      type: "button",
      "data-testid": `said-${name}`,
      text: api.str(`forgetting.said.${name}`),
      onclick: () => api.setView({ said: name }),
    }),
  );
  const which = el("span", { class: "switch", role: "group", "aria-label": api.str("forgetting.which") }, buttons);
  const legend = el(
    "span",
    { class: "said-legend" },
    "0",
    el("i", {}),
    `${fmtNumber(BITS_AT_FULL_COLOUR)}+ ${api.str("surprise.unit")}`,
  );
  const rows = el("div", { class: "said-rows", role: "list", "data-testid": "said-rows" });
  const note = el("p", { class: "hint" });
  const readout = el("p", { class: "said-readout mono", "data-testid": "said-readout" });
  host.append(createHead(api.str("forgetting.sentence"), which, spacer(), legend, more), rows, readout, note);
  const point = (/** @type {number} */ pos) => {
    if (state.pos === pos) return;
    state.pos = pos;
    showPointed(rows, readout, state.picture?.header, pos);
  };
  const posOf = (/** @type {Event} */ event) => {
    const word = event.target instanceof Element ? event.target.closest("[data-pos]") : null;
    return word instanceof HTMLElement ? Number(word.dataset.pos) : -1;
  };
  rows.addEventListener("pointerover", (event) => point(posOf(event)));
  rows.addEventListener("pointerleave", () => point(-1));
  marking.listen(rows);
  marking.add((at) => {
    for (const row of rows.children) setClass(row, "marked", row.getAttribute("data-at") === at);
  });
  return {
    update: (picture) => {
      state.picture = picture;
      const { header } = picture;
      buttons.forEach((button, i) => setAttr(button, "aria-pressed", String(header.view.said === SAID[i])));
      const made = slots(rows, header.said_rows.length, createRow);
      header.said_rows.forEach((row, i) => showRow(/** @type {HTMLElement} */ (made[i]), row, header.words, api));
      for (const row of made) setClass(row, "marked", row.getAttribute("data-at") === marking.at());
      const ran = header.said_rows.some(({ at }) => at !== "now");
      setText(
        note,
        header.of_run
          ? api.str("forgetting.of_run")
          : api.str(ran ? "forgetting.sentence_key" : "forgetting.sentence_now"),
      );
      setAttr(more, "hidden", !header.said_rows.length);
      showPointed(rows, readout, header, state.pos);
    },
  };
}

/** @type {() => HTMLElement} */
function createRow() {
  return el(
    "div",
    { class: "said-row", role: "listitem", "data-testid": "said-row" },
    el("span", { class: "said-name" }),
    el("span", { class: "said-words" }),
    el("span", { class: "said-mean" }, el("b", { class: "mono" }), el("small", {})),
  );
}

/** @type {(node: HTMLElement, row: SaidRow, words: string[], api: Page) => void} */
function showRow(node, row, words, api) {
  const [name, text, mean] = node.children;
  setAttr(node, "data-at", row.at);
  setText(name, row.name);
  const made = slots(text, words.length, (pos) => {
    const word = createLabel();
    word.setAttribute("data-pos", String(pos));
    word.classList.add("said-word");
    return word;
  });
  words.forEach((word, i) => {
    const bits = row.bits[i];
    writeLabel(made[i], word);
    setStyle(/** @type {HTMLElement} */ (made[i]), "background-color", bits === null ? "" : surprisalColour(bits));
    setAttr(made[i], "title", bits === null ? null : `${fmtNumber(bits, 2)} ${api.str("surprise.unit")}`);
  });
  setText(mean.children[0], row.mean);
  setAttr(mean, "title", api.str("forgetting.perplexity", { value: row.perplexity }));
  setText(mean.children[1], api.str("forgetting.mean"));
}

// The token under the pointer, framed in all rows and told in numbers.
/** @type {(rows: HTMLElement, readout: HTMLElement, header: ForgettingHeader | undefined, pos: number) => void} */
function showPointed(rows, readout, header, pos) {
  for (const row of rows.children)
    [...row.children[1].children].forEach((word, i) => setClass(word, "pointed", i === pos));
  const word = header?.words[pos];
  const said = (header?.said_rows ?? []).map(({ name, bits }) => `${name} ${fmtNumber(bits[pos] ?? NaN, 1)}`);
  setText(readout, word === undefined ? "" : `${word}: ${said.join(" · ")}`);
}

/** @type {(header: ForgettingHeader | undefined, api: Page) => Table} */
function tableOf(header, api) {
  const rows = header?.said_rows ?? [];
  return {
    columns: [api.str("forgetting.column.token"), ...rows.map(({ name }) => name)],
    rows: (header?.words ?? []).map((word, i) => [word, ...rows.map(({ bits }) => bits[i])]),
  };
}
