// The text without the head that is looked at: the next token and the loss, before and after.

import { createChange } from "../../kit/change.js";
import { el, setAttr, setText } from "../../kit/dom.js";
import { createHead, spacer } from "../../kit/panel.js";
import { chosenOf } from "./scores.js";

/** @import { Page, Panel, Shown } from "./types.d.ts" */

const MODES = ["zero", "mean", "resample"];

/** @type {(host: HTMLElement, api: Page) => Panel} */
export function createTest(host, api) {
  /** @type {{ picture: Shown | null }} */
  const state = { picture: null };
  const change = createChange(api);
  const button = el("button", {
    type: "button",
    class: "btn primary",
    "data-testid": "test",
    title: api.str("heads.test_hint"),
  });
  button.addEventListener("click", () => api.setView({ test: !api.view().test }));
  const mode = el(
    "select",
    { "data-testid": "mode", "aria-label": api.str("heads.instead"), title: api.str("heads.instead") },
    MODES.map((name) => el("option", { value: name, text: api.str("heads.mode." + name) })),
  );
  mode.addEventListener("change", () => api.setView({ mode: mode.value }));
  const more = api.menu({
    title: () => api.str("heads.tested"),
    reading: () => state.picture?.header.tested?.reading ?? api.str("heads.untested"),
    python: () => state.picture?.header.test_python ?? "",
    table: () => change.table(state.picture?.header.tested ?? null),
    picture: () => (state.picture?.header.tested ? change.node : null),
  });
  const small = el("small", {});
  const hint = el("p", { class: "hint untested" });
  const bound = el("p", { class: "hint bound", text: api.str("heads.lower_bound") });
  host.append(
    createHead(api.str("heads.tested"), small, spacer(), more),
    el("div", { class: "test-tools" }, button, mode),
    hint,
    change.node,
    bound,
  );

  /** @param {Shown} picture */
  function update(picture) {
    state.picture = picture;
    const { header } = picture;
    const view = api.view();
    setText(small, api.str("heads.one", chosenOf(header, view)));
    setText(button, api.str(view.test ? "heads.restore" : "heads.test"));
    setAttr(button, "aria-pressed", String(view.test));
    if (mode.value !== view.mode) mode.value = view.mode;
    const empty = header.ids.length ? api.str("heads.untested") : api.str("empty.hint");
    setText(hint, header.tested && view.test ? "" : empty);
    const shown = view.test ? header.tested : null;
    change.update(shown);
    setAttr(more, "hidden", shown === null ? "" : null);
    setAttr(bound, "hidden", shown === null);
    setAttr(host, "data-place", shown ? `${header.view.layer}.${header.view.head}` : null);
  }
  return { update };
}
