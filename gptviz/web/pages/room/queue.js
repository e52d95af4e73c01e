// Words that students typed wait here, out of sight: whoever looks at them lets each through or not. Not in projector mode, where
// everybody would look: there they are seen to in a second window, which goes on with the same room.

import { el } from "../../kit/dom.js";

/** @import { Page } from "./types.d.ts" */

/** @type {(api: Page) => void} */
export function openQueue(api) {
  api.dialog(api.str("room.queue"), () => {
    const body = el("div", { class: "sheet-body" });
    const queue = api.picture()?.header.round?.queue ?? [];
    const rows = queue.map(({ word, times }) => rowOf(word, times, api));
    body.append(
      el("p", { class: "hint", text: api.str("room.queue_says") }),
      rows.length ? el("ul", { class: "queue" }, rows) : el("p", { text: api.str("room.queue_empty") }),
    );
    return body;
  });
}

/** @type {(word: string, times: number, api: Page) => HTMLElement} */
function rowOf(word, times, api) {
  const node = el("li", {}, el("b", { text: word }), el("small", { text: "× " + times }));
  /** @type {(kind: string) => HTMLElement} */
  const button = (kind) =>
    el("button", {
      type: "button",
      class: "btn",
      "data-testid": kind,
      text: api.str("room." + kind),
      "aria-label": api.str(`room.${kind}_label`, { word }),
      onclick: () => {
        api.act({ kind, word });
        node.remove();
      },
    });
  node.append(button("let"), button("refuse"));
  return node;
}
