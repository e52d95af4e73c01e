// The next token and the loss, before and after.

import { createChange } from "../../kit/change.js";
import { el, setText } from "../../kit/dom.js";
import { createHead, spacer } from "../../kit/panel.js";

/** @import { Page, Panel, Shown } from "./types.d.ts" */

/** @type {(host: HTMLElement, api: Page) => Panel} */
export function createBefore(host, api) {
  /** @type {{ picture: Shown | null }} */
  const state = { picture: null };
  const change = createChange(api);
  const empty = el("p", { class: "hint" });
  const more = api.menu({
    title: () => api.str("what_if.change"),
    reading: () => state.picture?.header.change?.reading ?? api.str("empty.hint"),
    python: () => state.picture?.header.change_python ?? "",
    table: () => change.table(state.picture?.header.change ?? null),
    picture: () => (state.picture?.header.change ? change.node : null),
  });
  host.append(
    createHead(api.str("what_if.change"), el("small", { text: api.str("what_if.change_small") }), spacer(), more),
    empty,
    change.node,
  );
  return {
    update: (picture) => {
      state.picture = picture;
      change.update(picture.header.change);
      setText(empty, picture.header.ids.length ? "" : api.str("empty.hint"));
    },
  };
}
