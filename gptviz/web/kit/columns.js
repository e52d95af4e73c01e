// Which column of a visitor's own file is the text, which the label: a list of the file's columns for each. An action of kind `column`
// for each choice: role, index.

import { el, setAttr, setText, slots } from "./dom.js";

/** @import { Api } from "../types.d.ts" */
/** @typedef {{ role: string, column: number }} Role */

/** @type {(api: Api<any>) => { node: HTMLElement, show: (columns: string[], roles: Role[]) => void }} */
export function createColumns(api) {
  const node = el("div", { class: "fields" });
  const createRole = () => {
    const select = el("select", { "data-testid": "column" });
    select.addEventListener("change", () =>
      api.act({ kind: "column", role: select.dataset.role, index: select.selectedIndex }),
    );
    return el("label", { class: "field" }, el("span", {}), select);
  };
  return {
    node,
    show: (columns, roles) => {
      setAttr(node, "hidden", !roles.length);
      const made = slots(node, roles.length, createRole);
      roles.forEach(({ role, column }, i) => {
        const [name, select] = /** @type {[HTMLElement, HTMLSelectElement]} */ ([...made[i].children]);
        setText(name, api.str(`tuning.role.${role}`));
        setAttr(select, "data-role", role);
        const options = slots(select, columns.length, () => el("option", {}));
        columns.forEach((one, at) => setText(options[at], one));
        select.selectedIndex = column;
      });
    },
  };
}
