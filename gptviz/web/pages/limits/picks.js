// Which experiment is shown, and the settings of the one that has some.

import { el, setAttr, setClass, setText, slots } from "../../kit/dom.js";
import { createNumber, LARGEST_SEED } from "../../kit/number.js";
import { spacer } from "../../kit/panel.js";

/** @import { Page, Panel, Shown } from "./types.d.ts" */

const WRITTEN = /** @type {const} */ (["old", "new", "words"]);

/** @type {(host: HTMLElement, api: Page) => Panel} */
export function createPicks(host, api) {
  /** @type {Shown | null} */
  let shown = null;
  const more = api.menu({
    title: api.str("limits.picks"),
    reading: () => shown?.header.caveat ?? "",
    python: () => shown?.header.live?.python ?? "",
    table: () => ({
      columns: [api.str("limits.picks"), api.str("limits.caveat_title")],
      rows: (shown?.header.experiments ?? []).map((name) => [
        api.str("limits.name." + name),
        api.str("limits.caveat." + name),
      ]),
    }),
    picture: () => list,
  });
  const list = el("div", { class: "limit-picks", role: "group", "aria-label": api.str("limits.picks") });
  const length = createNumber("length", api, { title: api.str("limits.length_control") });
  const seed = createNumber("seed", api, { title: api.str("limits.seed") });
  length.bound(20, 160);
  seed.bound(0, LARGEST_SEED);
  const writing = el(
    "div",
    { class: "limit-settings" },
    el("label", {}, api.str("limits.length_control"), " ", length.input),
    el("label", {}, api.str("limits.seed"), " ", seed.input),
  );
  const fields = WRITTEN.map((name) => createField(name, api));
  const exchanging = el(
    "div",
    { class: "limit-settings" },
    fields.map(({ node }) => node),
  );
  host.append(list, spacer(), writing, more, exchanging);
  return {
    update: (picture) => {
      shown = picture;
      const { header } = picture;
      const view = api.view();
      const made = slots(list, header.experiments.length, () =>
        el("button", { type: "button", class: "pick", "data-testid": "pick" }),
      );
      header.experiments.forEach((name, i) => {
        setText(made[i], api.str("limits.name." + name));
        setAttr(made[i], "value", name);
        setAttr(made[i], "aria-pressed", String(view.show === name));
        /** @type {HTMLElement} */ (made[i]).onclick = () => api.setView({ show: name });
      });
      setAttr(writing, "hidden", view.show !== "loops");
      setAttr(exchanging, "hidden", view.show !== "exchange");
      setClass(host, "wide", view.show === "exchange");
      for (const box of [length, seed]) box.show(view);
      for (const field of fields) field.show();
    },
  };
}

// A word or a list of them that is typed; while somebody types in it, nothing is put in.
/** @type {(name: "old" | "new" | "words", api: Page) => { node: HTMLElement, show: () => void }} */
function createField(name, api) {
  const input = el("input", {
    type: "text",
    class: `limit-field ${name}`,
    "data-testid": name,
    autocomplete: "off",
    title: name === "words" ? api.str("limits.words_hint") : null,
  });
  input.addEventListener("input", () => api.setView({ [name]: input.value }));
  input.addEventListener("keydown", (event) => event.key !== "Escape" && event.stopPropagation());
  return {
    node: el("label", {}, api.str("limits." + name), " ", input),
    show: () => {
      const typing = /** @type {ShadowRoot} */ (input.getRootNode()).activeElement === input;
      if (!typing && input.value !== api.view()[name]) input.value = api.view()[name];
    },
  };
}
