// The family tree: one Transformer, three kinds of descendants, each model a button that shows its card.

import { el, setAttr, setText, slots } from "../../kit/dom.js";
import { createHead, spacer } from "../../kit/panel.js";

/** @import { Page, Panel, Shown } from "./types.d.ts" */

/** @type {(host: HTMLElement, api: Page) => Panel} */
export function createTree(host, api) {
  /** @type {Shown | null} */
  let shown = null;
  const branches = el("div", { class: "branches-of" });
  const columns = [api.str("series.column.kind"), api.str("series.column.models")];
  const nameOf = (/** @type {string} */ key) => shown?.header.entries.find((one) => one.key === key)?.name ?? key;
  const rows = () =>
    (shown?.header.tree ?? []).map(([kind, keys]) => [api.str("series.kind." + kind), keys.map(nameOf).join(", ")]);
  const more = api.menu({
    title: api.str("series.tree"),
    reading: () =>
      rows()
        .map((row) => row.join(": "))
        .join(". "),
    python: () => shown?.header.timeline_python ?? "",
    table: () => ({ columns, rows: rows() }),
    picture: () => (shown ? branches : null),
  });
  host.append(
    createHead(api.str("series.tree"), el("small", { text: api.str("series.tree_small") }), spacer(), more),
    branches,
  );
  return {
    update: (picture) => {
      shown = picture;
      const made = slots(branches, picture.header.tree.length, () =>
        el("div", { class: "kind" }, el("h3", {}), el("p", {}), el("div", { class: "kind-models" })),
      );
      picture.header.tree.forEach(([kind, keys], i) => {
        const [title, said, list] = made[i].children;
        setAttr(made[i], "data-kind", kind);
        setText(title, api.str("series.kind." + kind));
        setText(said, api.str("series.kind_says." + kind));
        const buttons = slots(list, keys.length, () =>
          el("button", { type: "button", class: "pill", "data-testid": "model" }),
        );
        keys.forEach((key, at) => {
          setText(buttons[at], nameOf(key));
          setAttr(buttons[at], "aria-pressed", String(api.view().card === key));
          /** @type {HTMLElement} */ (buttons[at]).onclick = () => api.setView({ card: key });
        });
      });
    },
  };
}
