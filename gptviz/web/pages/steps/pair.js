// Two branches side by side: their texts, and at one step of both the distributions and one head's attention.

import { el, fmtNumber, setAttr, setText } from "../../kit/dom.js";
import { createHead, spacer } from "../../kit/panel.js";
import { createGlances } from "./glances.js";
import { createTexts } from "./texts.js";
import { createVersus } from "./versus.js";

// host: the card. update(picture) draws in place; until there are two branches a hint says how to make them.
export function createPair(host, api) {
  const memory = { pair: null };
  const small = el("small", {});
  const [earlier, later] = [stepButton(-1, "earlier", "‹", memory, api), stepButton(1, "later", "›", memory, api)];
  const step = el("output", { class: "mono", "aria-label": api.str("steps.pair.step_label") });
  const stepper = el(
    "span",
    { class: "stepper", title: api.str("steps.pair.step_label") },
    el("span", { text: api.str("steps.pair.step") }),
    earlier,
    step,
    later,
  );
  const head = createHead(api.str("steps.pair.title"), small, spacer(), stepper);
  head.append(
    api.menu({
      title: api.str("steps.pair.title"),
      reading: () => memory.pair?.reading ?? "",
      python: () => memory.pair?.python ?? "",
      table: () => pairTable(memory.pair, api),
      picture: () => (memory.pair ? body : null),
    }),
  );
  const hint = el("p", { class: "hint", text: api.str("steps.pair.hint") });
  const [texts, versus, glances] = ["pair-texts", "pair-versus", "pair-glances"].map((name) =>
    el("div", { class: name }),
  );
  const body = el("div", { class: "pair-body" }, texts, versus, glances);
  host.append(head, hint, body);
  setAttr(host, "data-testid", "pair");
  const parts = [createTexts(texts, api), createVersus(versus, api), createGlances(glances, api)];
  return {
    update: ({ header, theme }) => {
      const { pair } = header;
      memory.pair = pair;
      hint.hidden = Boolean(pair);
      for (const node of [body, stepper, head.lastElementChild]) node.hidden = !pair;
      setText(small, pair ? `${api.str("steps.pair.shared", { count: pair.shared })} · ${ratioWords(pair, api)}` : "");
      if (!pair) return;
      setText(step, `${pair.step} / ${pair.steps}`);
      setAttr(earlier, "aria-disabled", pair.step <= 0 ? "true" : null);
      setAttr(later, "aria-disabled", pair.step >= pair.steps ? "true" : null);
      parts[0].update(pair);
      parts[1].update(pair);
      parts[2].update(pair, header.shape, theme);
    },
  };
}

function stepButton(by, name, face, memory, api) {
  const look = (event) => {
    if (event.currentTarget.getAttribute("aria-disabled") !== "true")
      api.act({ kind: "look", step: memory.pair.step + by });
  };
  return el("button", {
    type: "button",
    class: "btn",
    "data-testid": "pair-" + name,
    "aria-label": api.str("steps.pair." + name),
    text: face,
    onclick: look,
  });
}

function ratioWords({ ratio, times }, api) {
  if (times === "1.0") return api.str("steps.pair.as_likely");
  return api.str(ratio > 0 ? "steps.pair.likelier" : "steps.pair.likelier_b", { ratio: times });
}

// The distributions at the step, token by token.
function pairTable(pair, api) {
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
