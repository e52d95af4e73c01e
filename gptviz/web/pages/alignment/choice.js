// Two answers that were drawn: the better one is chosen by a click or by the keys 1 and 2, and two others follow.

import { el, fmtNumber, setAttr, setClass, setText } from "../../kit/dom.js";
import { createHead, spacer } from "../../kit/panel.js";

/** @import { Page, Panel, Shown } from "./types.d.ts" */

/** @type {(host: HTMLElement, api: Page) => Panel} */
export function createChoice(host, api) {
  /** @type {{ picture: Shown | null }} */
  const state = { picture: null };
  const small = el("small", { "data-testid": "chosen" });
  const more = api.menu({
    title: () => api.str("alignment.choose"),
    reading: () => state.picture?.header.choice_reading ?? "",
    python: () => state.picture?.header.choice_python,
    table: () => ({
      columns: [api.str("alignment.column.answer")],
      rows: (state.picture?.header.offered ?? []).map((text) => [text]),
    }),
    picture: () => (state.picture?.header.offered.length ? body : null),
  });
  const choose = (/** @type {number} */ index) => {
    const { offered = [], alike } = state.picture?.header ?? {};
    if (offered.length === 2 && !alike && api.pending("choose") === 0) api.act({ kind: "choose", index });
  };
  const answers = [0, 1].map((index) => {
    const said = el("span", { class: "said" });
    const key = el("kbd", { text: String(index + 1), "aria-label": api.str("alignment.key", { key: index + 1 }) });
    const node = el("button", { type: "button", class: "offer", "data-testid": `offer-${index + 1}` }, key, said);
    node.addEventListener("click", () => choose(index));
    return { node, said };
  });
  const body = el(
    "div",
    { class: "offers" },
    answers.map(({ node }) => node),
  );
  const draw = el("button", {
    type: "button",
    class: "btn",
    text: api.str("alignment.draw"),
    "data-testid": "draw",
    onclick: () => api.act({ kind: "draw" }),
  });
  const undo = el("button", {
    type: "button",
    class: "link",
    text: api.str("alignment.undo"),
    "data-testid": "undo",
    onclick: () => api.act({ kind: "undo" }),
  });
  const empty = el("p", { class: "hint empty", text: api.str("alignment.none_offered") });
  const asked = el("p", { class: "hint mono" });
  const alike = el("p", { class: "note warn", role: "status", text: api.str("alignment.alike") });
  host.append(
    createHead(api.str("alignment.choose"), small, spacer(), more),
    empty,
    asked,
    body,
    alike,
    el("div", { class: "acts" }, draw, undo),
  );
  api.root.addEventListener("keydown", (event) => {
    const typing = event.target instanceof Element && event.target.closest("input, select, textarea");
    if (typing || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "1" || event.key === "2") choose(Number(event.key) - 1);
  });
  return {
    update: (picture) => {
      state.picture = picture;
      const { offered, offered_of, chosen_so_far, most_choices } = picture.header;
      const there = offered.length === 2;
      setAttr(empty, "hidden", there);
      setAttr(more, "hidden", !there);
      setAttr(asked, "hidden", !there);
      setClass(body, "none", !there);
      setAttr(alike, "hidden", !picture.header.alike);
      setAttr(undo, "hidden", chosen_so_far === 0);
      setText(asked, offered_of);
      answers.forEach(({ node, said }, i) => {
        setText(said, there ? offered[i] || "⏎" : "");
        setAttr(node, "aria-disabled", !there || picture.header.alike ? "true" : null);
      });
      const told = { count: fmtNumber(chosen_so_far), most: fmtNumber(most_choices) };
      setText(small, chosen_so_far ? api.str("alignment.count", told) : "");
    },
  };
}
