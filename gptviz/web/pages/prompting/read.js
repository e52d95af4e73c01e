// The whole prompt as the model reads it, its parts told apart: the pattern, the examples with their words, the text, the blank.

import { el, fmtNumber, setAttr, setClass, setText, slots } from "../../kit/dom.js";
import { createHead, spacer } from "../../kit/panel.js";

/** @import { Page, Panel, Shown } from "./types.d.ts" */

const KINDS = ["frame", "example", "word", "text", "blank"];

/** @type {(host: HTMLElement, api: Page) => Panel} */
export function createRead(host, api) {
  /** @type {{ picture: Shown | null }} */
  const state = { picture: null };
  const small = el("small", { "data-testid": "n-prompt" });
  const body = el("p", { class: "read-body", "data-testid": "read", tabindex: "0" });
  const key = el(
    "p",
    { class: "read-key" },
    KINDS.map((kind) =>
      el("span", {}, el("i", { class: `piece ${kind}` }), " ", api.str(`prompting.piece.${kind}`), " "),
    ),
  );
  const left = el("p", { class: "note warn", role: "status" });
  const problem = el("p", { class: "hint empty" });
  const more = api.menu({
    title: () => api.str("prompting.read"),
    reading: () => state.picture?.header.read_reading ?? "",
    python: () => state.picture?.header.asking_python,
    table: () => ({
      columns: ["piece", "text"].map((name) => api.str(`prompting.column.${name}`)),
      rows: (state.picture?.header.pieces ?? []).map(([kind, text]) => [api.str(`prompting.piece.${kind}`), text]),
    }),
    picture: () => (state.picture?.header.pieces.length ? body : null),
  });
  host.append(createHead(api.str("prompting.read"), small, spacer(), more), problem, body, left, key);
  return {
    update: (picture) => {
      state.picture = picture;
      const { pieces, n_prompt, left_out, asking_problem, read_reading } = picture.header;
      const there = pieces.length > 0;
      for (const node of [body, key, more, small]) setAttr(node, "hidden", !there);
      setAttr(problem, "hidden", there);
      setText(problem, asking_problem || read_reading);
      setText(small, api.str("prompting.read_small", { tokens: fmtNumber(n_prompt) }));
      setText(left, left_out ? api.str("prompting.left_out", { count: fmtNumber(left_out) }) : "");
      setAttr(left, "hidden", !left_out);
      const made = slots(body, pieces.length, () => el("span", { class: "piece" }));
      pieces.forEach(([kind, text], i) => {
        for (const name of KINDS) setClass(made[i], name, name === kind);
        setAttr(made[i], "title", api.str(kind === "blank" ? "prompting.blank" : `prompting.piece.${kind}`));
        setText(made[i], kind === "blank" ? "____" : text);
      });
    },
  };
}
