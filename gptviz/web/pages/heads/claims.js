// The textbook's table of specialised heads, set against what was found in this model.

import { el, partsOf, setText, slots } from "../../kit/dom.js";
import { createHead, spacer } from "../../kit/panel.js";

/** @import { Page, Panel, Shown } from "./types.d.ts" */

/** @type {(host: HTMLElement, api: Page) => Panel} */
export function createClaims(host, api) {
  /** @type {{ picture: Shown | null }} */
  const state = { picture: null };
  const columns = [api.str("heads.said"), api.str("heads.found_here")];
  const body = el("tbody", {});
  const heads = columns.map((text) => el("th", { scope: "col", text }));
  const table = el("table", { class: "claims", "data-testid": "claims" }, el("thead", {}, el("tr", {}, heads)), body);
  const more = api.menu({
    title: () => api.str("heads.claims"),
    reading: () => (state.picture?.header.claims ?? []).map(({ said, found }) => `${said}: ${found}.`).join(" "),
    python: () => state.picture?.header.scores_python ?? "",
    table: () => ({ columns, rows: (state.picture?.header.claims ?? []).map(({ said, found }) => [said, found]) }),
    picture: () => (state.picture?.header.claims.length ? table : null),
  });
  host.append(createHead(api.str("heads.claims"), spacer(), more), table);
  return {
    update: (picture) => {
      state.picture = picture;
      const { claims } = picture.header;
      slots(body, claims.length, () => el("tr", {}, el("th", { scope: "row" }), el("td", {})));
      partsOf(body).forEach((row, i) => {
        setText(row.children[0], claims[i].said);
        setText(row.children[1], claims[i].found);
      });
    },
  };
}
