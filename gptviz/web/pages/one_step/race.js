// At once, or one by one: training reads all positions in one pass, writing has to go token by token. Both on this text, timed.

import { el, fmtNumber, setAttr, setStyle, setText } from "../../kit/dom.js";
import { createHead, spacer } from "../../kit/panel.js";
import { shownOf } from "./shown.js";

/** @import { Page, Panel, Shown } from "./types.d.ts" */

const WAYS = /** @type {const} */ (["at_once", "one_by_one"]);

/** @type {(host: HTMLElement, api: Page) => Panel} */
export function createRace(host, api) {
  /** @type {Shown | null} */
  let shown = null;
  const menu = api.menu({
    title: api.str("one_step.race"),
    reading: () => shown?.header.race?.reading ?? api.str("one_step.race_before"),
    python: () => shown?.header.race?.python,
    table: () => ({
      columns: ["what", "seconds"].map((name) => api.str("one_step.column." + name)),
      rows: shown?.header.race ? WAYS.map((way) => [api.str("one_step." + way), shown?.header.race?.[way]]) : [],
    }),
    picture: () => (shown?.header.race ? rows : null),
  });
  const go = el("button", {
    type: "button",
    class: "btn",
    "data-testid": "race",
    text: api.str("one_step.race_go"),
    onclick: () => api.act({ kind: "race" }),
  });
  const lines = WAYS.map((way) => {
    const [bar, number] = [el("i", {}), el("span", { class: "mono" })];
    const node = el(
      "div",
      { class: "race-row" },
      el("span", { text: api.str("one_step." + way) }),
      el("span", { class: "race-track" }, bar),
      number,
    );
    return { way, node, bar, number };
  });
  const rows = el(
    "div",
    { class: "race-rows", "data-testid": "race-rows" },
    lines.map(({ node }) => node),
  );
  const says = el("p", { class: "race-says", "data-testid": "race-says", role: "status" });
  host.append(
    createHead(api.str("one_step.race"), el("small", { text: api.str("one_step.race_small") }), spacer(), go, menu),
    rows,
    says,
  );
  return {
    update: (picture) => {
      shown = shownOf(picture);
      const race = shown?.header.race ?? null;
      setAttr(menu, "hidden", !race);
      setAttr(go, "disabled", !shown);
      setAttr(rows, "hidden", !race);
      setText(says, race?.reading ?? api.str("one_step.race_before"));
      if (!race) return;
      setAttr(rows, "data-tokens", race.tokens);
      setAttr(rows, "data-difference", race.difference);
      const most = Math.max(race.at_once, race.one_by_one, 1e-9);
      for (const { way, bar, number } of lines) {
        setStyle(bar, "width", `${Math.max(1, Math.round((race[way] / most) * 100))}%`);
        setText(number, `${fmtNumber(1000 * race[way], 1)} ms`);
      }
    },
  };
}
