// The passport: what must hold of every model, checked of this one; each check as a light, told by shape and colour.

import { el } from "../../kit/dom.js";
import { modelCard } from "./card.js";

/** @import { CheckView, ModelHeader } from "./message.d.ts" */
/** @import { Page, TableTold } from "./types.d.ts" */
/** @import { Say } from "../../types.d.ts" */

const SIGNS = { yes: "✓", no: "✕", none: "–" };

/** @type {(check: CheckView) => "yes" | "no" | "none"} */
function lightOf({ ok }) {
  return ok === null ? "none" : ok ? "yes" : "no";
}

/** @type {(check: CheckView, str: Say) => string} */
function lightWord(check, str) {
  const words = {
    yes: str("model_page.light.yes"),
    no: str("model_page.light.no"),
    none: str("model_page.light.none"),
  };
  return words[lightOf(check)];
}

/** @type {(header: ModelHeader, page: Page) => HTMLElement} */
export function passportCard({ passport }, page) {
  const { str } = page;
  const body = el(
    "div",
    { class: "passport", "aria-live": "polite" },
    el(
      "ul",
      {},
      passport.checks.map((check) =>
        el(
          "li",
          { "data-light": lightOf(check) },
          el("i", { class: "light " + lightOf(check), "aria-hidden": "true", text: SIGNS[lightOf(check)] }),
          el("b", { text: check.asks }),
          el("span", { class: "visually-hidden", text: " " + lightWord(check, str) + ". " }),
          el("span", { class: "said-of", text: check.said }),
        ),
      ),
    ),
    el("p", { class: "hint", "data-testid": "passport-said", text: passport.said }),
  );
  return modelCard(
    "passport",
    str("model_page.passport"),
    str("model_page.passport_note"),
    body,
    passportTable(passport, str),
    page,
  );
}

/** @type {(passport: ModelHeader["passport"], str: Say) => TableTold} */
function passportTable({ checks, said }, str) {
  return {
    reading: [said, ...checks.map((check) => `${check.asks}: ${check.said}`)].join(" "),
    columns: [
      str("model_page.light.check"),
      str("model_page.light.answer"),
      str("model_page.light.value"),
      str("model_page.light.said"),
    ],
    rows: checks.map((check) => [check.asks, lightWord(check, str), check.value, check.said]),
  };
}
