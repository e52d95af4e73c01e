// What panels are put together from: a heading with its tools, key figures, the button and the voice of a path, a list of steps.

import { el, setText } from "./dom.js";

/** @import { Children } from "./dom.js" */
/** @import { Api, Header, PathHeader } from "../types.d.ts" */

// The line above a panel: its title, and whatever stands beside it.
/** @type {(title: string, ...tools: Children[]) => HTMLDivElement} */
export function createHead(title, ...tools) {
  return el("div", { class: "head" }, el("h2", { text: title }), ...tools);
}

// Makes the cards of a page, each at the end of its grid and named for its place there.
/** @type {(grid: HTMLElement) => (name: string) => HTMLElement} */
export function cardsOf(grid) {
  return (name) => {
    const node = el("section", { class: `card ${name}-card` });
    grid.append(node);
    return node;
  };
}

// Pushes what follows to the right.
export function spacer() {
  return el("span", { class: "spacer" });
}

/** @typedef {{ node: HTMLElement, label: HTMLElement, value: HTMLElement, quiet: HTMLElement }} Figure */

// A number with its name above it and a quiet remark behind it.
/** @type {(text?: string, hint?: string) => Figure} */
export function createFigure(text, hint) {
  const [label, value, quiet] = [el("span", { class: "kpi-label", text: text ?? "" }), el("b", {}), el("small", {})];
  const node = el("div", { class: "kpi", title: hint }, label, el("span", { class: "kpi-value" }, value, quiet));
  return { node, label, value, quiet };
}

// What was generated, made part of the text.
/** @type {(api: Api) => HTMLButtonElement} */
export function createIntoPrompt(api) {
  return el("button", {
    type: "button",
    class: "link",
    "data-testid": "into-prompt",
    text: api.str("path.into_prompt"),
    title: api.str("path.into_prompt_hint"),
    onclick: () => api.act({ kind: "into_prompt" }),
  });
}

// What stands at the end of a path, and why: the next step, or that none follows.
/** @type {(path: PathHeader["path"], api: Pick<Api, "str">) => [string, string]} */
export function whatFollows(path, { str }) {
  if (path.ended) return [str("path.ended"), str("path.ended_hint")];
  return path.full ? [str("path.full"), str("path.full_hint")] : ["?", str("path.step_hint")];
}

// Says each new token to a screen reader; `label` is null where no step was made.
/** @typedef {{ node: HTMLElement, say: (label: string | null) => void }} Voice */
/** @type {(api: Api) => Voice} */
export function createVoice(api) {
  const node = el("p", { class: "visually-hidden", role: "status" });
  return { node, say: (label) => label !== null && setText(node, api.str("path.spoken", { label })) };
}

// Python works in slices: the next one is asked for when the picture of the last has been drawn.
/** @type {(api: Api, header: Header) => void} */
export function askForMore(api, header) {
  if (header.running && api.pending("more") === 0) api.act({ kind: "more" });
}
