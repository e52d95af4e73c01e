// The text beside its changed copies: what each way of augmentation learns from; and what the model says it is in other words.

import { el, fmtNumber, setAttr, setText, slots } from "../../kit/dom.js";
import { createHead, spacer } from "../../kit/panel.js";
import { showPieces } from "./pieces.js";

/** @import { Page, Panel, Shown } from "./types.d.ts" */
/** @import { RobustnessHeader } from "./message.d.ts" */

/** @type {(host: HTMLElement, api: Page) => Panel} */
export function createCopies(host, api) {
  /** @type {{ picture: Shown | null }} */
  const state = { picture: null };
  const columns = ["way", "text"].map((name) => api.str(`robustness.table.${name}`));
  const more = api.menu({
    title: () => api.str("robustness.copies"),
    reading: () => state.picture?.header.copies_reading ?? "",
    python: () => state.picture?.header.copies_python,
    table: () => ({ columns, rows: rowsOf(state.picture?.header, api) }),
    picture: () => (state.picture?.header.copies.length ? list : null),
  });
  const list = el("dl", { class: "copy-list", "data-testid": "copies" });
  const empty = el("p", { class: "hint empty", text: api.str("robustness.no_text") });
  const cut = el("p", { class: "hint" });
  const button = (/** @type {string} */ kind) =>
    el("button", {
      type: "button",
      class: "btn",
      text: api.str(`robustness.${kind}`),
      "data-testid": `copies-${kind}`,
      onclick: () => api.act({ kind }),
    });
  const acts = el("div", { class: "acts" }, button("again"), button("say"));
  host.append(createHead(api.str("robustness.copies"), spacer(), more), empty, list, cut, acts);
  return {
    update: (picture) => {
      state.picture = picture;
      const { header } = picture;
      const there = header.copies.length > 0;
      setAttr(empty, "hidden", there);
      for (const node of [list, acts, more]) setAttr(node, "hidden", !there);
      setText(cut, header.copies_cut ? api.str("robustness.copies_cut", { count: fmtNumber(header.copies_cut) }) : "");
      setAttr(cut, "hidden", !header.copies_cut);
      const asked = header.other_words_asked;
      const made = slots(list, header.copies.length + Number(asked), () =>
        el("div", {}, el("dt", {}), el("dd", { class: "said" })),
      );
      header.copies.forEach(({ way, pieces }, i) => {
        setText(made[i].children[0], api.str(`robustness.way.${way}`));
        showPieces(made[i].children[1], pieces);
      });
      if (asked) {
        const [name, said] = made[header.copies.length].children;
        setText(name, api.str("robustness.way.paraphrase"));
        showPieces(said, [[header.other_words || api.str("robustness.says_nothing"), "same"]]);
      }
    },
  };
}

/** @type {(header: RobustnessHeader | undefined, api: Page) => string[][]} */
function rowsOf(header, api) {
  const made = (header?.copies ?? []).map(({ way, pieces }) => [
    api.str(`robustness.way.${way}`),
    pieces.map(([text, mark]) => (mark === "old" ? "" : text)).join(""),
  ]);
  const said = header?.other_words ? [[api.str("robustness.way.paraphrase"), header.other_words]] : [];
  return [...made, ...said];
}
