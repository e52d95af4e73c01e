// What the application is, what the open model can be expected to do of it, and of what size it is.

import { el, setText } from "../../kit/dom.js";
import { createHead, spacer } from "../../kit/panel.js";

/** @import { Page, Panel, Shown } from "./types.d.ts" */

/** @type {(host: HTMLElement, api: Page) => Panel} */
export function createExpect(host, api) {
  /** @type {Shown | null} */
  let shown = null;
  const what = el("p", { class: "use-what" });
  const honest = el("p", { class: "use-honest", "data-testid": "honest" });
  const size = el("p", { class: "use-size", "data-testid": "size" });
  const body = el("div", { class: "use-expect" }, what, el("h3", { text: api.str("uses.expect") }), honest, size);
  const more = api.menu({
    title: () => api.str("uses.name." + api.view().use),
    reading: () => shown?.header.honest ?? "",
    python: () => shown?.header.written?.python ?? "",
    table: () => ({
      columns: [api.str("uses.title"), api.str("uses.expect")],
      rows: [[api.str("uses.name." + api.view().use), shown?.header.size]],
    }),
    picture: () => body,
  });
  const head = createHead("", spacer(), more);
  const title = /** @type {HTMLElement} */ (head.querySelector("h2"));
  host.append(head, body);
  return {
    update: (picture) => {
      shown = picture;
      setText(title, api.str("uses.name." + api.view().use));
      setText(what, picture.header.what);
      setText(honest, picture.header.honest);
      setText(size, picture.header.size);
    },
  };
}
