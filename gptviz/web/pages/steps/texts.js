// Two branches as texts: tokens coloured by surprisal, where they part, and the log-probability of each.

import { el, fmtNumber, fmtPercent, setAttr, setClass, setStyle, setText, slots, within } from "../../kit/dom.js";
import { surprisalColour } from "../../kit/theme.js";

/** @import { Branch, PairView } from "./message.d.ts" */
/** @import { Page, TextLine } from "./types.d.ts" */

// update(pair) draws both; a click on a token looks at the step that chose it.
/** @type {(host: HTMLElement, api: Page) => { update: (pair: PairView) => void }} */
export function createTexts(host, api) {
  const lines = ["A", "B"].map((name) => textLine(name, api));
  host.append(...lines.map((line) => line.node));
  return {
    update: (pair) => {
      drawText(lines[0], pair.a, pair, api);
      drawText(lines[1], pair.b, pair, api);
    },
  };
}

/** @type {(name: string, api: Page) => TextLine} */
function textLine(name, api) {
  const tokens = el("span", {
    class: "pair-tokens",
    tabindex: "0",
    role: "group",
    "aria-label": api.str("steps.pair.text", { name }),
  });
  const total = el("b", { class: "mono" });
  const mean = el("small", { class: "mono" });
  const node = el(
    "div",
    { class: "pair-text" },
    el("span", { class: "branch-badge " + name.toLowerCase(), text: name }),
    tokens,
    el("span", { class: "pair-sum" }, total, mean),
  );
  tokens.addEventListener("click", (event) => {
    const button = within(event, "button");
    if (button) api.act({ kind: "look", step: Number(button.dataset.step) });
  });
  return { name, node, tokens, total, mean };
}

/** @type {(line: TextLine, branch: Branch, pair: PairView, api: Page) => void} */
function drawText(line, branch, pair, api) {
  const made = slots(line.tokens, branch.tokens.length, (i) =>
    el("button", { type: "button", class: "tok", tabindex: "-1", "data-step": i }),
  );
  branch.tokens.forEach((token, i) => {
    const button = made[i];
    setText(button, token.label);
    setStyle(button, "background-color", surprisalColour(token.surprisal));
    setClass(button, "shared", i < pair.shared);
    setClass(button, "parts", i === pair.shared);
    setClass(button, "at", i === pair.step);
    const values = {
      name: line.name,
      step: i + 1,
      label: token.label,
      p: fmtPercent(token.p, 2),
      bits: fmtNumber(token.surprisal, 1),
    };
    setAttr(
      button,
      "title",
      api.str("steps.pair.token", values) + (i === pair.shared ? "\n" + api.str("steps.pair.parts") : ""),
    );
  });
  setText(line.total, api.str("steps.pair.logprob", { total: fmtNumber(branch.logprob, 2) }));
  setText(line.mean, branch.mean === null ? "" : api.str("steps.pair.mean", { mean: fmtNumber(branch.mean, 2) }));
}
