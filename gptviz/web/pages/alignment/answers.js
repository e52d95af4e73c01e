// The same questions by the model as it was, by DPO and by PPO, side by side; below them what our held-out text costs each.

import { el, setAttr, setClass } from "../../kit/dom.js";
import { createHead, spacer } from "../../kit/panel.js";
import { createSheet } from "../../kit/sheet.js";

/** @import { Page, Panel, Shown } from "./types.d.ts" */
/** @import { AlignmentHeader } from "./message.d.ts" */

/** @type {(host: HTMLElement, api: Page) => Panel} */
export function createAnswers(host, api) {
  /** @type {{ picture: Shown | null }} */
  const state = { picture: null };
  const sheet = createSheet("answers");
  const columns = [
    api.str("alignment.column.prompt"),
    api.str("alignment.column.before"),
    api.str("alignment.by.dpo"),
    api.str("alignment.by.ppo"),
  ];
  const more = api.menu({
    title: () => api.str("alignment.answers"),
    reading: () => state.picture?.header.answers_reading ?? "",
    python: () => state.picture?.header.setup_python,
    table: () => ({ columns, rows: state.picture ? rowsOf(state.picture.header) : [] }),
    picture: () => (state.picture?.header.answers.length ? sheet.node : null),
  });
  const empty = el("p", { class: "hint empty", text: api.str("alignment.answers_none") });
  const hint = el("p", { class: "hint", text: api.str("alignment.forgotten_hint") });
  host.append(createHead(api.str("alignment.answers"), spacer(), more), empty, sheet.node, hint);
  return {
    update: (picture) => {
      state.picture = picture;
      const { answers, forgotten } = picture.header;
      setAttr(empty, "hidden", answers.length > 0);
      for (const node of [sheet.node, more]) setAttr(node, "hidden", !answers.length);
      setAttr(hint, "hidden", !answers.length || !forgotten.length);
      const made = sheet.show(columns, rowsOf(picture.header));
      for (let i = 0; i < made.length; i += 1) setClass(made[i], "cost-row", i >= answers.length);
    },
  };
}

/** @type {(header: AlignmentHeader) => string[][]} */
function rowsOf({ answers, forgotten }) {
  return answers.length ? [...answers, ...forgotten] : [];
}
