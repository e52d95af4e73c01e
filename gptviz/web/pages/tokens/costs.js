// The same text in several vocabularies, each with its tokens; and one sentence in several languages, as many tokens as it takes.

import { createLabel, writeLabel } from "../../kit/chips.js";
import { el, fmtNumber, partsOf, setAttr, setClass, setStyle, setText, slots } from "../../kit/dom.js";
import { createHead, spacer } from "../../kit/panel.js";

/** @import { Page, Panel, Shown } from "./types.d.ts" */
/** @import { Costs, LanguageRow, VocabularyRow } from "./message.d.ts" */
/** @import { Table } from "../../types.d.ts" */

/** @type {(host: HTMLElement, api: Page) => Panel} */
export function createCosts(host, api) {
  /** @type {{ costs: Costs | null }} */
  const state = { costs: null };
  const pick = el("select", { "data-testid": "other", "aria-label": api.str("tokens.other") });
  pick.addEventListener("change", () => api.setView({ other: pick.value }));
  const rows = el("div", { class: "cost-rows", "data-testid": "costs" });
  const languages = el("div", { class: "language-rows", "data-testid": "languages" });
  const more = api.menu({
    title: api.str("tokens.costs"),
    reading: () => state.costs?.reading ?? "",
    python: () => state.costs?.python ?? "",
    table: () => costsTable(state.costs, api),
    picture: () => body,
  });
  const body = el(
    "div",
    { class: "cost-body edged" },
    costHead(api),
    rows,
    el("h3", { class: "cost-title", text: api.str("tokens.languages"), title: api.str("tokens.languages_hint") }),
    languages,
  );
  host.append(createHead(api.str("tokens.costs"), spacer(), pick, more), body);

  /** @param {Shown} picture */
  function update({ header }) {
    const { costs, view } = header;
    state.costs = costs;
    const options = slots(pick, costs.offered.length, () => el("option", {}));
    costs.offered.forEach((name, i) => {
      setText(options[i], name);
      setAttr(options[i], "value", name);
    });
    setAttr(pick, "hidden", costs.offered.length === 0);
    if (pick.value !== view.other) pick.value = String(view.other);
    const most = Math.max(0.1, ...costs.rows.map((row) => row.per_character ?? 0));
    const made = slots(rows, costs.rows.length, () => costRow());
    costs.rows.forEach((row, i) => drawRow(made[i], row, most, api));
    drawLanguages(languages, costs, api);
  }
  return { update };
}

// What the numbers of a row are.
/** @type {(api: Page) => HTMLElement} */
function costHead({ str }) {
  return el(
    "div",
    { class: "cost-row cost-head" },
    el("span", {}),
    el("span", { text: str("tokens.head.size") }),
    el("span", { text: str("tokens.head.tokens") }),
    el("span", { text: str("tokens.head.rate") }),
  );
}

function costRow() {
  return el(
    "div",
    { class: "cost-row" },
    el("b", { class: "cost-name" }),
    el("span", { class: "cost-size mono" }),
    el("span", { class: "cost-tokens mono" }),
    el("span", { class: "cost-track" }, el("i")),
    el("span", { class: "cost-rate mono" }),
    el("span", { class: "cost-chips", "aria-hidden": "true" }),
  );
}

/** @type {(node: Element, row: VocabularyRow, most: number, api: Page) => void} */
function drawRow(node, row, most, api) {
  const [name, size, tokens, track, rate, chips] = partsOf(node);
  setAttr(node, "data-name", row.name);
  setText(name, row.title);
  setAttr(name, "title", row.title);
  setText(size, fmtNumber(row.vocab_size));
  setAttr(size, "title", api.str("tokens.size_hint"));
  setText(tokens, row.tokens === null ? "–" : fmtNumber(row.tokens));
  setAttr(tokens, "title", row.tokens === null ? api.str("tokens.unread") : api.str("tokens.tokens_hint"));
  const bar = /** @type {HTMLElement} */ (track.children[0]);
  setStyle(bar, "width", (((row.per_character ?? 0) / most) * 100).toFixed(2) + "%");
  setText(rate, row.per_character === null ? "–" : fmtNumber(row.per_character, 2));
  setAttr(rate, "title", api.str("tokens.rate_hint", { per_token: fmtNumber(row.per_token, 2) }));
  const made = slots(chips, row.chips.length + (row.more ? 1 : 0), () =>
    el("span", { class: "cost-chip" }, createLabel()),
  );
  row.chips.forEach((label, i) => writeLabel(made[i].children[0], label));
  if (row.more) writeLabel(made[row.chips.length].children[0], "+" + fmtNumber(row.more));
}

// One line a language: its name, a bar for the model's tokens and a thin one for the other's, and how many times English.
/** @type {(host: HTMLElement, costs: Costs, api: Page) => void} */
function drawLanguages(host, { languages }, api) {
  const most = Math.max(1, ...languages.flatMap(({ tokens }) => tokens.slice(0, 2).map((count) => count ?? 0)));
  const made = slots(host, languages.length, () =>
    el(
      "div",
      { class: "language-row" },
      el("span", { class: "language-name" }),
      el("span", { class: "language-track" }, el("i"), el("i", { class: "other" })),
      el("span", { class: "language-count mono" }),
      el("span", { class: "language-times mono" }),
    ),
  );
  languages.forEach((row, i) => {
    const [name, track, count, times] = partsOf(made[i]);
    setText(name, row.language);
    setAttr(name, "lang", row.code);
    setAttr(made[i], "title", row.text);
    partsOf(track).forEach((bar, side) => {
      setStyle(bar, "width", (((row.tokens[side] ?? 0) / most) * 100).toFixed(2) + "%");
      setAttr(bar, "hidden", row.tokens[side] === null);
    });
    setText(count, countsOf(row));
    setText(times, row.times === null ? "" : api.str("tokens.times", { times: fmtNumber(row.times, 1) }));
    setAttr(times, "title", timesHint(row, api));
    setClass(made[i], "english", i === 0);
  });
}

/** @type {(row: LanguageRow) => string} */
function countsOf({ tokens: [own, other] }) {
  return [own, other].map((count) => (count === null ? "–" : fmtNumber(count))).join(" · ");
}

/** @type {(row: LanguageRow, api: Page) => string} */
function timesHint({ times, times_other }, api) {
  return api.str("tokens.times_hint", { times: fmtNumber(times, 2), other: fmtNumber(times_other, 2) });
}

/** @type {(costs: Costs | null, api: Page) => Table} */
function costsTable(costs, api) {
  const names = ["text", "own", "other", "bytes", "characters", "times", "times_other"];
  const columns = names.map((name) => api.str("tokens.column." + name));
  if (!costs) return { columns, rows: [] };
  /** @param {string} name */
  const here = (name) => costs.rows.find((row) => row.name === name)?.tokens ?? null;
  return {
    columns,
    rows: [
      [api.str("tokens.this_text"), here("own"), here("other"), here("bytes"), here("characters"), null, null],
      ...costs.languages.map((row) => [row.language, ...row.tokens, row.times, row.times_other]),
    ],
  };
}
