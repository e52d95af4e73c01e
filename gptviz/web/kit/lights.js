// What must hold of this run before it is believed: each with the number found and the one that it must be; before a run, what will be
// looked at, unlit.

import { el, setAttr, setClass, setText, slots } from "./dom.js";
import { createHead, spacer } from "./panel.js";

/** @import { Api, Header, Picture } from "../types.d.ts" */
/** @typedef {Header & { lights: [string, string, string, boolean][], lights_reading: string, setup_python: string }} Lit */

/** @type {(host: HTMLElement, api: Api<any>, expected: () => string[]) => { update: (picture: Picture<any>) => void }} */
export function createLights(host, api, expected) {
  /** @type {{ picture: Picture<Lit> | null }} */
  const state = { picture: null };
  const small = el("small", {});
  const list = el("ul", { class: "lights", "data-testid": "lights" });
  const more = api.menu({
    title: () => api.str("tuning.lights"),
    reading: () => state.picture?.header.lights_reading ?? "",
    python: () => state.picture?.header.setup_python,
    table: () => ({
      columns: ["what", "found_wanted", "holds"].map((name) => api.str(`tuning.column.${name}`)),
      rows: (state.picture?.header.lights ?? []).map(([, words, numbers, good]) => [words, numbers, good]),
    }),
    picture: () => (list.childElementCount ? list : null),
  });
  const empty = el("p", { class: "hint empty", text: api.str("tuning.no_lights") });
  host.append(createHead(api.str("tuning.lights"), small, spacer(), more), empty, list);
  return {
    update: (picture) => {
      state.picture = picture;
      /** @type {Lit} */
      const { lights } = picture.header;
      setAttr(empty, "hidden", lights.length > 0);
      setAttr(more, "hidden", lights.length === 0);
      setText(small, lights.length ? `${lights.filter(([, , , good]) => good).length} / ${lights.length}` : "");
      /** @type {[string, string, boolean | null][]} */
      const rows = lights.length
        ? lights.map(([, words, numbers, good]) => [words, numbers, good])
        : expected().map((name) => [api.str("tuning.light." + name), "", null]);
      const made = slots(list, rows.length, () =>
        el("li", {}, el("i", { class: "light" }), el("span", {}), el("b", { class: "mono" })),
      );
      rows.forEach(([words, numbers, good], i) => {
        const [lamp, said, found] = made[i].children;
        setClass(made[i], "good", good);
        setClass(made[i], "pending", good === null);
        setAttr(lamp, "role", "img");
        setAttr(
          lamp,
          "aria-label",
          api.str(good === null ? "foreseen.pending" : good ? "tuning.holds" : "tuning.fails"),
        );
        setText(lamp, good === null ? "" : good ? "✓" : "✗");
        setText(said, words);
        setText(found, numbers);
      });
    },
  };
}
