// The tokens nearest to the one looked at, by cosine, of the whole vocabulary. One that is pressed is looked at in its turn.

import { createLabel, writeLabel } from "../../kit/chips.js";
import { el, fmtNumber, partsOf, setAttr, setClass, setStyle, setText, slots } from "../../kit/dom.js";
import { createHead, spacer } from "../../kit/panel.js";

/** @import { Page, Panel, Shown } from "./types.d.ts" */
/** @import { Near, NearToken } from "./message.d.ts" */

/** @type {(host: HTMLElement, api: Page) => Panel} */
export function createNear(host, api) {
  /** @type {{ near: Near | null }} */
  const state = { near: null };
  const own = el("span", { class: "near-own", "data-testid": "near-own" }, createLabel());
  const back = el("button", {
    type: "button",
    class: "link",
    "data-testid": "near-back",
    text: api.str("embeddings.back"),
    onclick: () => api.setView({ token: -1 }),
  });
  const list = el("div", { class: "near-rows edged", "data-testid": "near" });
  const matrix = matrixSwitch(api);
  const foot = el("p", { class: "hint near-foot" });
  const more = api.menu({
    title: api.str("embeddings.near"),
    reading: () => state.near?.reading ?? "",
    python: () => state.near?.python ?? "",
    table: () => ({
      columns: ["token", "id", "cosine"].map((name) => api.str("embeddings.column." + name)),
      rows: (state.near?.rows ?? []).map((row) => [row.label, row.id, row.cosine]),
    }),
    picture: () => list,
  });
  host.append(createHead(api.str("embeddings.near"), own, spacer(), back, matrix.node, more), list, foot);

  /** @param {Shown} picture */
  function update({ header: { near, view } }) {
    state.near = near;
    setAttr(back, "hidden", !near || view.token < 0);
    setAttr(own, "hidden", !near);
    setAttr(list, "data-token", near?.id ?? "");
    matrix.update(near, String(view.matrix));
    setText(foot, near ? api.str("embeddings.near_foot", { count: fmtNumber(near.n_tokens) }) : api.str("empty.hint"));
    writeLabel(own.children[0], near?.label ?? "");
    const rows = near?.rows ?? [];
    const made = slots(list, rows.length, () => nearRow(api));
    rows.forEach((row, i) => drawRow(made[i], row));
  }
  return { update };
}

/** @type {(api: Page) => HTMLButtonElement} */
function nearRow(api) {
  const node = el(
    "button",
    { type: "button", class: "near-row", "data-testid": "near-row", title: api.str("embeddings.look") },
    el("span", { class: "near-label mono" }, createLabel()),
    el("span", { class: "near-track" }, el("i")),
    el("span", { class: "near-cosine mono" }),
  );
  node.addEventListener("click", () => api.setView({ token: Number(node.value) }));
  return node;
}

/** @type {(node: Element, row: NearToken) => void} */
function drawRow(node, { id, label, cosine, here }) {
  const [name, track, number] = partsOf(node);
  setAttr(node, "value", id);
  writeLabel(name.children[0], label);
  setClass(node, "here", here);
  setStyle(/** @type {HTMLElement} */ (track.children[0]), "width", (Math.max(0, cosine) * 100).toFixed(2) + "%");
  setText(number, fmtNumber(cosine, 3));
}

// Which matrix: only models whose two are not one have a choice.
/** @type {(api: Page) => { node: HTMLElement, update: (near: Near | null, chosen: string) => void }} */
function matrixSwitch(api) {
  const node = el("span", { class: "switch", role: "group", "aria-label": api.str("embeddings.matrix") });
  return {
    node,
    update: (near, chosen) => {
      const names = near?.matrices ?? [];
      setAttr(node, "hidden", names.length < 2);
      const made = slots(node, names.length, (i) =>
        el("button", {
          type: "button",
          "data-testid": "matrix-" + names[i],
          text: api.str("embeddings.matrices." + names[i]),
          onclick: () => api.setView({ matrix: names[i] }),
        }),
      );
      names.forEach((name, i) => setAttr(made[i], "aria-pressed", String(name === chosen)));
    },
  };
}
