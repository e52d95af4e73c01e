// All terms in one list, to be searched: by name, by any form of it, and by what is said of it.

import { el, setText } from "./dom.js";

/** @import { Say } from "../types.d.ts" */
/** @import { Term } from "./terms.js" */

// The inside of the dialog; `at` is the term that it opens at.
/** @type {(terms: Map<string, Term>, str: Say, at?: string) => HTMLElement} */
export function termList(terms, str, at) {
  const search = el("input", {
    type: "search",
    class: "term-search",
    "data-testid": "term-search",
    "aria-label": str("glossary.search"),
    placeholder: str("glossary.search"),
    autocomplete: "off",
    spellcheck: "false",
  });
  const count = el("p", { class: "hint", role: "status" });
  const all = [...terms.values()].map((term) => ({ term, node: entry(term), said: saidOf(term) }));
  const show = () => {
    const wanted = search.value.trim().toLowerCase().split(/\s+/);
    const found = all.filter(({ said }) => wanted.every((word) => said.includes(word)));
    for (const { node } of all) node.hidden = true;
    for (const { node } of found) node.hidden = false;
    setText(count, str("glossary.count", { count: found.length }));
  };
  search.addEventListener("input", show);
  show();
  const nodes = all.map(({ node }) => node);
  const list = el("dl", { class: "sheet-body terms-all", tabindex: "0", "aria-label": str("glossary.title") }, nodes);
  requestAnimationFrame(() => (all.find(({ term }) => term.key === at)?.node ?? search).focus());
  return el("div", { class: "glossary", "data-testid": "glossary" }, search, count, list);
}

/** @type {(term: Term) => HTMLElement} */
function entry({ key, name, plain, exact, formula }) {
  return el(
    "div",
    { class: "term-entry", tabindex: "-1", "data-gloss": key },
    el("dt", { text: name }),
    el("dd", { text: plain }),
    el("dd", { class: "exact", text: exact }),
    formula ? el("dd", { class: "mono", text: formula }) : null,
  );
}

// The key as well: it is close to the English name, by which many know a term in other languages too.
/** @type {(term: Term) => string} */
function saidOf({ key, name, words, plain, exact }) {
  return [key.replaceAll("_", " "), name, ...words, plain, exact].join(" ").toLowerCase();
}
