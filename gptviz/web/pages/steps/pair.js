// Two branches side by side: their texts, and at one step of both the distributions and one head's attention.

import { el, fmtNumber, setAttr, setText } from "../../kit/dom.js";
import { createHead, spacer } from "../../kit/panel.js";
import { createGlances } from "./glances.js";
import { createTexts } from "./texts.js";
import { createVersus } from "./versus.js";

/** @import { Page, Panel } from "./types.d.ts" */
/** @import { PairView, StepsHeader } from "./message.d.ts" */
/** @import { Table } from "../../types.d.ts" */

// host: the card. update(picture) draws in place; until there are two branches a hint says how to make them.
/** @type {(host: HTMLElement, api: Page) => Panel} */
export function createPair(host, api) {
  /** @type {{ pair: StepsHeader["pair"] }} */
  const memory = { pair: null };
  const small = el("small", {});
  const [earlier, later] = [stepButton(-1, "earlier", "‹", memory, api), stepButton(1, "later", "›", memory, api)];
  const step = el("output", { class: "mono", "aria-label": api.str("steps.pair.step_label") });
  const stepper = el(
    "span",
    { class: "pair-stepper", title: api.str("steps.pair.step_label") },
    el("span", { text: api.str("steps.pair.step") }),
    earlier,
    step,
    later,
  );
  const head = createHead(api.str("steps.pair.title"), small, spacer(), stepper);
  const menu = api.menu({
    title: api.str("steps.pair.title"),
    reading: () => memory.pair?.reading ?? "",
    python: () => memory.pair?.python ?? "",
    table: () => pairTable(memory.pair, api),
    picture: () => (memory.pair ? body : null),
  });
  head.append(menu);
  const hint = el("p", { class: "hint", text: api.str("steps.pair.hint") });
  const [texts, versus, glances] = ["pair-texts", "pair-versus", "pair-glances"].map((name) =>
    el("div", { class: name }),
  );
  const body = el("div", { class: "pair-body" }, texts, versus, glances);
  host.append(head, hint, body);
  setAttr(host, "data-testid", "pair");
  const parts = {
    texts: createTexts(texts, api),
    versus: createVersus(versus, api),
    glances: createGlances(glances, api),
  };
  return {
    update: ({ header, theme }) => {
      const { pair } = header;
      memory.pair = pair;
      hint.hidden = Boolean(pair);
      for (const node of [body, stepper, menu]) node.hidden = !pair;
      setText(small, pair ? `${api.str("steps.pair.shared", { count: pair.shared })} · ${ratioWords(pair, api)}` : "");
      if (!pair) return;
      setText(step, `${pair.step + 1} / ${pair.steps + 1}`);
      setAttr(earlier, "aria-disabled", pair.step <= 0 ? "true" : null);
      setAttr(later, "aria-disabled", pair.step >= pair.steps ? "true" : null);
      parts.texts.update(pair);
      parts.versus.update(pair);
      parts.glances.update(pair, header.shape, theme);
    },
  };
}

/** @type {(by: number, name: string, face: string, memory: { pair: PairView | null }, api: Page) => HTMLButtonElement} */
function stepButton(by, name, face, memory, api) {
  const look = () => {
    if (memory.pair && button.getAttribute("aria-disabled") !== "true")
      api.act({ kind: "look", step: memory.pair.step + by });
  };
  const button = el("button", {
    type: "button",
    class: "btn",
    "data-testid": "pair-" + name,
    "aria-label": api.str("steps.pair." + name),
    text: face,
    onclick: look,
  });
  return button;
}

/** @type {(pair: PairView, api: Page) => string} */
function ratioWords({ ratio, times }, api) {
  if (times === "1.0") return api.str("steps.pair.as_likely");
  return api.str(ratio > 0 ? "steps.pair.likelier" : "steps.pair.likelier_b", { ratio: times });
}

// The distributions at the step, token by token.
/** @type {(pair: PairView | null, api: Page) => Table} */
function pairTable(pair, api) {
  /** @param {string} key */
  const name = (key) => api.str("steps.column." + key);
  if (!pair) return { columns: [], rows: [] };
  const columns = ["token", "p_a", "p_b", "rank_a", "rank_b"].map(name);
  const rows = pair.rows.map((row) => [row.label, row.p_a, row.p_b, row.rank_a, row.rank_b]);
  return {
    columns,
    rows: [
      ...rows,
      [api.str("steps.others", { count: fmtNumber(pair.tail.count) }), pair.tail.p_a, pair.tail.p_b, null, null],
    ],
  };
}
