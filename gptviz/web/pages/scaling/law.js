// The law's five constants, each with its interval on a scale of its own, and what follows from them.

import { el, setAttr, setClass, setStyle, setText, slots } from "../../kit/dom.js";
import { createHead, spacer } from "../../kit/panel.js";

/** @import { Page, Panel, Shown } from "./types.d.ts" */
/** @import { Constant, LawView } from "./message.d.ts" */
/** @import { Table } from "../../types.d.ts" */

/** @type {Record<string, string>} */
const GREEK = { alpha: "α", beta: "β" };
const SPARE = 0.12; // of a track, free at both ends

/** @type {(host: HTMLElement, api: Page) => Panel} */
export function createLaw(host, api) {
  /** @type {LawView | null} */
  let shown = null;
  const small = el("small", {});
  const menu = api.menu({
    title: api.str("scaling.constants"),
    reading: () => shown?.reading ?? api.str("scaling.fitting"),
    table: () => constantsTable(shown, api),
    python: () => shown?.python ?? "",
    picture: () => (shown ? body : null),
  });
  const formula = el("p", { class: "scaling-formula mono", "data-testid": "formula" });
  const rows = el("div", { class: "scaling-constants", "data-testid": "constants" });
  const says = el("div", { class: "scaling-says", "data-testid": "says" });
  const body = el("div", { class: "scaling-law" }, formula, rows, says);
  host.append(createHead(api.str("scaling.constants"), small, spacer(), menu), body);

  /** @param {Shown} picture */
  function update({ header: { law } }) {
    shown = law;
    setAttr(host, "data-empty", !law);
    setText(formula, law ? law.formula : api.str("scaling.fitting"));
    const { done, wanted } = law ?? { done: 0, wanted: 0 };
    setText(small, law && done < wanted ? api.str("scaling.resampled", { done, wanted }) : "");
    const made = slots(rows, law?.constants.length ?? 0, constantRow);
    law?.constants.forEach((constant, i) => showConstant(/** @type {HTMLElement} */ (made[i]), constant, law));
    const lines = slots(says, law?.says.length ?? 0, () => el("p", {}));
    law?.says.forEach((text, i) => setText(lines[i], text));
  }
  return { update };
}

function constantRow() {
  const track = el("span", { class: "ci-track" }, el("i", {}), el("u", {}), el("b", {}));
  return el("div", { class: "ci" }, el("span", {}), el("strong", {}), track, el("small", { class: "mono" }));
}

// The interval as a bar, the value as a tick in it; beside E the known entropy as another.
/** @type {(row: HTMLElement, constant: Constant, law: LawView) => void} */
function showConstant(row, { name, value, low, high, said, interval }, { floor }) {
  const [label, number, track, range] = /** @type {HTMLElement[]} */ ([...row.children]);
  const known = name === "E" ? floor : null;
  const at = name === "A" || name === "B" ? Math.log : Number;
  const ends = [low, high, ...(known === null ? [] : [known])].map((x) => at(Math.max(x, 1e-300)));
  const [from, to] = [Math.min(...ends), Math.max(...ends)];
  /** @param {number} x */
  const share = (x) => SPARE + (1 - 2 * SPARE) * (to > from ? (at(Math.max(x, 1e-300)) - from) / (to - from) : 0.5);
  const [bar, truth, tick] = /** @type {HTMLElement[]} */ ([...track.children]);
  setText(label, GREEK[name] ?? name);
  setText(number, said);
  setText(range, interval);
  setStyle(bar, "left", percent(share(low)));
  setStyle(bar, "right", percent(1 - share(high)));
  setStyle(tick, "left", percent(share(value)));
  setClass(truth, "known", known !== null);
  if (known !== null) setStyle(truth, "left", percent(share(known)));
}

/** @type {(share: number) => string} */
function percent(share) {
  return (100 * share).toFixed(2) + "%";
}

/** @type {(law: LawView | null, api: Page) => Table} */
function constantsTable(law, api) {
  const columns = ["constant", "value", "low", "high"].map((name) => api.str("scaling.column." + name));
  return { columns, rows: (law?.constants ?? []).map(({ name, value, low, high }) => [name, value, low, high]) };
}
