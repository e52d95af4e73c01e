// The applications, one a button: pressing it puts its prompt in and has the model write.

import { el, setAttr, setText, slots } from "../../kit/dom.js";
import { spacer } from "../../kit/panel.js";

/** @import { Page, Panel, Shown } from "./types.d.ts" */

/** @type {(host: HTMLElement, api: Page) => Panel} */
export function createList(host, api) {
  const list = el("div", { class: "use-list", role: "group", "aria-label": api.str("uses.title") });
  /** @type {Shown | null} */
  let shown = null;
  const more = api.menu({
    title: api.str("uses.title"),
    reading: () => shown?.header.what ?? "",
    python: () => shown?.header.written?.python ?? "",
    table: () => ({
      columns: [api.str("uses.title"), api.str("uses.column.text")],
      rows: (shown?.header.uses ?? []).map((name) => [api.str("uses.name." + name), api.str("uses.what." + name)]),
    }),
    picture: () => list,
  });
  host.append(list, spacer(), more);
  return {
    update: (picture) => {
      shown = picture;
      const { header } = picture;
      const made = slots(list, header.uses.length, () =>
        el("button", { type: "button", class: "use", "data-testid": "use" }),
      );
      header.uses.forEach((name, i) => {
        setText(made[i], api.str("uses.name." + name));
        setAttr(made[i], "value", name);
        setAttr(made[i], "aria-pressed", String(api.view().use === name));
        /** @type {HTMLElement} */ (made[i]).onclick = () => api.act({ kind: "use", name });
      });
    },
  };
}
