// The card of one model: its facts, what was new, what it learned from, and who says so.

import { el, setText, slots } from "../../kit/dom.js";
import { createHead, spacer } from "../../kit/panel.js";

/** @import { Page, Panel, Shown } from "./types.d.ts" */

/** @type {(host: HTMLElement, api: Page) => Panel} */
export function createCard(host, api) {
  /** @type {Shown | null} */
  let shown = null;
  const facts = el("dl", { class: "series-facts" });
  const changed = el("p", { class: "series-changed", "data-testid": "changed" });
  const data = el("p", { class: "series-data" });
  const source = el("p", { class: "series-source", "data-testid": "source" });
  const body = el("div", { class: "series-card", "data-testid": "card" }, changed, facts, data, source);
  const columns = [api.str("series.column.fact"), api.str("series.column.value")];
  const more = api.menu({
    title: () => shown?.header.name ?? "",
    reading: () => shown?.header.changed ?? "",
    python: () => shown?.header.timeline_python ?? "",
    table: () => ({ columns, rows: shown?.header.facts ?? [] }),
    picture: () => (shown ? body : null),
  });
  const head = createHead("", spacer(), more);
  const title = /** @type {HTMLElement} */ (head.querySelector("h2"));
  host.append(head, body);
  return {
    update: (picture) => {
      shown = picture;
      const { header } = picture;
      setText(title, header.name);
      setText(changed, header.changed);
      setText(data, header.data);
      setText(source, header.source);
      const made = slots(facts, header.facts.length, () => el("div", {}, el("dt", {}), el("dd", {})));
      header.facts.forEach(([name, value], i) => {
        setText(made[i].children[0], name);
        setText(made[i].children[1], value);
      });
    },
  };
}
