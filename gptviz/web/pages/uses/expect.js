// What the application is, what the open model can be expected to do of it, and of what size it is.

import { el, setText } from "../../kit/dom.js";

/** @import { Page, Panel } from "./types.d.ts" */

/** @type {(host: HTMLElement, api: Page) => Panel} */
export function createExpect(host, api) {
  const what = el("p", { class: "use-what" });
  const honest = el("p", { class: "use-honest", "data-testid": "honest" });
  const size = el("p", { class: "use-size", "data-testid": "size" });
  const titles = { what: el("h3", {}), honest: el("h3", { text: api.str("uses.expect") }) };
  const body = el("div", { class: "use-expect" }, titles.what, what, titles.honest, honest, size);
  host.append(body);
  return {
    update: ({ header }) => {
      setText(titles.what, api.str("uses.name." + api.view().use));
      setText(what, header.what);
      setText(honest, header.honest);
      setText(size, header.size);
    },
  };
}
