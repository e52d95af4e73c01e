// The last characters typed again: what each adds, and which tokens before it become others.

import { createLabel, writeLabel } from "../../kit/chips.js";
import { el, fmtNumber, partsOf, setAttr, setClass, setText, slots } from "../../kit/dom.js";
import { createHead, spacer } from "../../kit/panel.js";

/** @import { Page, Panel, Shown } from "./types.d.ts" */
/** @import { KeystrokeSaid, Letters } from "./message.d.ts" */

/** @type {(host: HTMLElement, api: Page) => Panel} */
export function createLetters(host, api) {
  /** @type {{ letters: Letters | null }} */
  const state = { letters: null };
  const list = el("div", { class: "letter-rows edged", "data-testid": "letters" });
  const said = el("p", { class: "hint letter-said", "data-testid": "letters-said" });
  const more = api.menu({
    title: api.str("tokens.letters"),
    reading: () => state.letters?.reading ?? "",
    python: () => state.letters?.python ?? "",
    table: () => ({
      columns: ["character", "kept", "lost", "made"].map((name) => api.str("tokens.column." + name)),
      rows: (state.letters?.rows ?? []).map((row) => [row.character, row.kept, row.lost.join(" "), row.made.join(" ")]),
    }),
    picture: () => list,
  });
  host.append(createHead(api.str("tokens.letters"), spacer(), more), list, said);

  /** @param {Shown} picture */
  function update({ header: { letters } }) {
    state.letters = letters;
    const made = slots(list, letters.rows.length, letterRow);
    letters.rows.forEach((row, i) => drawRow(made[i], row, api));
    setText(said, letters.reading || api.str("empty.hint"));
  }
  return { update };
}

function letterRow() {
  return el(
    "div",
    { class: "letter-row" },
    el("span", { class: "letter-key mono" }, createLabel()),
    el("span", { class: "letter-kept mono" }),
    el("span", { class: "letter-lost" }),
    el("span", { class: "letter-arrow", "aria-hidden": "true" }),
    el("span", { class: "letter-made" }),
  );
}

/** @type {(node: Element, row: KeystrokeSaid, api: Page) => void} */
function drawRow(node, row, api) {
  const [key, kept, lost, arrow, made] = partsOf(node);
  writeLabel(key.children[0], row.character);
  setText(kept, row.kept ? "… " + fmtNumber(row.kept) : "");
  setAttr(kept, "title", api.str("tokens.kept", { count: fmtNumber(row.kept) }));
  setText(arrow, row.change === "added" ? "+" : "→");
  setClass(node, "resplit", row.change === "resplit");
  drawLabels(lost, row.lost);
  drawLabels(made, row.made);
}

/** @type {(host: Element, labels: string[]) => void} */
function drawLabels(host, labels) {
  const made = slots(host, labels.length, () => el("span", { class: "cost-chip" }, createLabel()));
  labels.forEach((label, i) => writeLabel(made[i].children[0], label));
}
