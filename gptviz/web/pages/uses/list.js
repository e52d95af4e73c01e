// The applications, one a button: pressing it puts its prompt in and has the model write.

import { el, setAttr, setText, slots } from "../../kit/dom.js";

/** @import { Page, Panel } from "./types.d.ts" */

/** @type {(host: HTMLElement, api: Page) => Panel} */
export function createList(host, api) {
  const list = el("div", { class: "use-list", role: "group", "aria-label": api.str("uses.title") });
  host.append(list);
  return {
    update: ({ header }) => {
      const made = slots(list, header.uses.length, () => el("button", { type: "button", class: "use", "data-testid": "use" }));
      header.uses.forEach((name, i) => {
        setText(made[i], api.str("uses.name." + name));
        setAttr(made[i], "value", name);
        setAttr(made[i], "aria-pressed", String(api.view().use === name));
        /** @type {HTMLElement} */ (made[i]).onclick = () => api.act({ kind: "use", name });
      });
    },
  };
}
