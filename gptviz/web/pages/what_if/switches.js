// The switches: of the whole model, of one place; and the list of what is changed, from which each can be taken back.

import { el, partsOf, setAttr, setClass, setText, slots } from "../../kit/dom.js";
import { createHead, spacer } from "../../kit/panel.js";
import { changesOf, lookFrom, queryOf, setChanges, toggle, wordsOf } from "./changes.js";

/** @import { Page, Panel, Shown } from "./types.d.ts" */

const WHOLE = ["mask", "scale", "nopos"];
const MODES = ["zero", "mean", "resample"];
const SHIFT = 8; // positions

/** @type {(host: HTMLElement, api: Page) => Panel} */
export function createSwitches(host, api) {
  /** @type {{ picture: Shown | null }} */
  const state = { picture: null };
  /** @type {(name: string, change: () => string, text?: string) => HTMLButtonElement} */
  const button = (name, change, text) => {
    const node = el("button", {
      type: "button",
      class: "btn switch-one",
      "data-testid": "switch-" + name,
      text: text ?? api.str("what_if." + name),
    });
    node.addEventListener("click", () => toggle(api, change()));
    return node;
  };
  const place = () => `${api.view().layer}.${api.view().head}`;
  const whole = [
    ...WHOLE.map((name) => ({ node: button(name, () => name), change: () => name })),
    ...[`shift.${SHIFT}`, "shuffle.0"].map((change) => ({
      node: button(change.split(".")[0], () => change),
      change: () => change,
    })),
  ];
  const parts = [
    { name: "remove_head", change: () => `head.${place()}.${api.view().mode}` },
    { name: "remove_mlp", change: () => `mlp.${api.view().layer}.${api.view().mode}` },
    { name: "remove_layer", change: () => `layer.${api.view().layer}.${api.view().mode}` },
    { name: "uniform", change: () => `uniform.${place()}` },
    { name: "strike", change: () => strongest(state.picture, api) },
  ].map(({ name, change }) => ({ node: button(name, change), change }));
  const selects = { layer: picker("layer", api), head: picker("head", api) };
  const query = el("select", {
    "data-testid": "query",
    "aria-label": api.str("what_if.query"),
    title: api.str("what_if.query_hint"),
  });
  query.addEventListener("change", () => lookFrom(api, state.picture, Number(query.value)));
  const mode = el(
    "select",
    { "data-testid": "mode", "aria-label": api.str("what_if.instead") },
    MODES.map((name) => el("option", { value: name, text: api.str("what_if.mode." + name) })),
  );
  mode.addEventListener("change", () => api.setView({ mode: mode.value }));
  const list = el("ul", { class: "changes", "data-testid": "changes" });
  const none = el("p", { class: "hint", text: api.str("what_if.none") });
  const clear = el("button", { type: "button", class: "link", "data-testid": "clear", text: api.str("what_if.clear") });
  clear.addEventListener("click", () => setChanges(api, []));
  host.append(
    createHead(api.str("what_if.switches"), el("small", { text: api.str("what_if.switches_small") }), spacer(), clear),
    el("h3", { text: api.str("what_if.whole") }),
    el(
      "div",
      { class: "switch-row" },
      whole.map(({ node }) => node),
    ),
    el("h3", { text: api.str("what_if.place") }),
    el("div", { class: "switch-row" }, selects.layer, selects.head, query, mode),
    el(
      "div",
      { class: "switch-row" },
      parts.map(({ node }) => node),
    ),
    none,
    list,
  );

  /** @param {Shown} picture */
  function update(picture) {
    state.picture = picture;
    const { header } = picture;
    const view = api.view();
    const changes = changesOf(api);
    for (const { node, change } of [...whole, ...parts])
      setAttr(node, "aria-pressed", String(changes.includes(change())));
    fill(selects.layer, "layer", header.n_layer, view.layer, api);
    fill(selects.head, "head", header.n_head, view.head, api);
    fillQuery(query, picture, api);
    if (mode.value !== view.mode) mode.value = view.mode;
    setAttr(none, "hidden", changes.length > 0);
    setAttr(clear, "hidden", changes.length === 0);
    slots(list, changes.length, () => {
      const drop = el("button", { type: "button", class: "drop", "data-testid": "drop", text: "×" });
      drop.addEventListener("click", () => toggle(api, drop.value));
      return el("li", {}, el("span", {}), drop);
    });
    partsOf(list).forEach((row, i) => {
      const words = wordsOf(api, changes[i]);
      const idle = header.idle.includes(changes[i]);
      setText(row.children[0], idle ? `${words} – ${api.str("what_if.idle")}` : words);
      setClass(row, "idle", idle);
      setAttr(row.children[1], "value", changes[i]);
      setAttr(row.children[1], "aria-label", api.str("what_if.drop", { name: words }));
    });
  }
  return { update };
}

/** @type {(name: "layer" | "head", api: Page) => HTMLSelectElement} */
function picker(name, api) {
  const node = el("select", { "data-testid": name, "aria-label": api.str("what_if." + name) });
  node.addEventListener("change", () => api.setView({ [name]: Number(node.value) }));
  return node;
}

/** @type {(node: HTMLSelectElement, name: "layer" | "head", count: number, chosen: number, api: Page) => void} */
function fill(node, name, count, chosen, api) {
  slots(node, Math.max(1, count), (i) => el("option", { value: i, text: `${api.str("what_if." + name)} ${i}` }));
  const value = String(Math.min(chosen, Math.max(0, count - 1)));
  if (node.value !== value) node.value = value;
}

/** @type {(node: HTMLSelectElement, picture: Shown, api: Page) => void} */
function fillQuery(node, picture, api) {
  const { labels } = picture.header;
  setAttr(node, "hidden", labels.length === 0);
  const made = slots(node, labels.length, (pos) => el("option", { value: pos }));
  labels.forEach((label, pos) => setText(made[pos], `${pos} ${label}`));
  const value = String(queryOf(api, picture));
  if (node.value !== value) node.value = value;
}

// The edge of the head that weighs most at the token looked at; one that is struck already is taken back.
/** @type {(picture: Shown | null, api: Page) => string} */
function strongest(picture, api) {
  const { layer, head } = api.view();
  const shades = picture?.blob("after");
  const T = picture?.header.ids.length ?? 0;
  const query = picture ? queryOf(api, picture) : 0;
  let best = 0;
  if (shades && T)
    for (let key = 1; key < T; key += 1) if (shades[query * T + key] > shades[query * T + best]) best = key;
  const from = `strike.${layer}.${head}.${query}.`;
  return changesOf(api).findLast((one) => one.startsWith(from)) ?? from + best;
}
