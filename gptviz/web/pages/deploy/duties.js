// The six duties: what is done here for each, and its figures of this moment.

import { el, setAttr, setText, slots } from "../../kit/dom.js";
import { createHead, spacer } from "../../kit/panel.js";

/** @import { Page, Panel, Shown } from "./types.d.ts" */

/** @type {(host: HTMLElement, api: Page) => Panel} */
export function createDuties(host, api) {
  /** @type {Shown | null} */
  let shown = null;
  const more = api.menu({
    title: api.str("deploy.duties_title"),
    reading: () => (shown?.header.duties ?? []).map(({ name, does }) => `${name}: ${does}`).join(" "),
    python: () => shown?.header.duties_python ?? "",
    table: () => ({
      columns: [api.str("deploy.duties_title"), "", ""],
      rows: (shown?.header.duties ?? []).flatMap((duty) =>
        duty.figures.map(({ name, value }) => [duty.name, name, value]),
      ),
    }),
    picture: () => list,
  });
  const small = el("small", { text: api.str("deploy.duties_small") });
  const list = el("div", { class: "duties", "data-testid": "duties" });
  host.append(createHead(api.str("deploy.duties_title"), small, spacer(), more), list);
  return {
    update: (picture) => {
      shown = picture;
      const { duties } = picture.header;
      setAttr(more, "hidden", !duties.length);
      const made = slots(list, duties.length, () =>
        el("section", { class: "duty" }, el("h3", {}), el("p", {}), el("dl", {})),
      );
      duties.forEach(({ name, does, figures }, i) => {
        const [title, text, numbers] = made[i].children;
        setText(title, name);
        setText(text, does);
        const rows = slots(numbers, figures.length, () => el("div", {}, el("dt", {}), el("dd", { class: "mono" })));
        figures.forEach((figure, at) => {
          setText(rows[at].children[0], figure.name);
          setText(rows[at].children[1], figure.value);
        });
      });
    },
  };
}
