// The typed text as the model is and without what is left out: the next token, the loss, and how it goes on.

import { createChange } from "../../kit/change.js";
import { el, setAttr, setText } from "../../kit/dom.js";
import { createHead, spacer } from "../../kit/panel.js";

/** @import { Page, Panel, Shown } from "./types.d.ts" */

/** @type {(host: HTMLElement, api: Page) => Panel} */
export function createAnswer(host, api) {
  /** @type {Shown | null} */
  let shown = null;
  const change = createChange(api);
  const more = api.menu({
    title: api.str("deploy.answer_title"),
    reading: () => shown?.header.changed?.reading ?? "",
    python: () => shown?.header.answer_python ?? "",
    table: () => change.table(shown?.header.changed ?? null),
    picture: () => (shown?.header.changed ? change.node : null),
  });
  const hint = el("p", { class: "hint" });
  const [before, after] = ["as_it_is", "without"].map((name) => ({
    node: el("div", { class: "answer-text" }, el("b", { text: api.str("deploy." + name) })),
    text: el("p", { "data-testid": "answer-" + name }),
  }));
  for (const { node, text } of [before, after]) node.append(text);
  const texts = el("div", { class: "answer-texts" }, before.node, after.node);
  host.append(createHead(api.str("deploy.answer_title"), spacer(), more), hint, change.node, texts);
  return {
    update: (picture) => {
      shown = picture;
      const { changed, answer, ids } = picture.header;
      change.update(changed);
      setAttr(more, "hidden", !changed);
      setAttr(texts, "hidden", !answer);
      setText(hint, changed ? "" : api.str(ids.length ? "deploy.nothing_out" : "empty.hint"));
      setAttr(hint, "hidden", Boolean(changed));
      setText(before.text, answer?.before || "…");
      setText(after.text, answer?.after || "…");
    },
  };
}
