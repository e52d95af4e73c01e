// What it gets wrong, the surest first; of instructions, questions that were held out, answered before and after.

import { el, fmtNumber, setAttr, setText } from "../../kit/dom.js";
import { createHead, spacer } from "../../kit/panel.js";
import { createSheet } from "../../kit/sheet.js";

/** @import { Page, Panel, Shown } from "./types.d.ts" */
/** @import { TuningHeader } from "./message.d.ts" */

const KINDS = /** @type {const} */ (["text", "label", "label", "number"]); // of one label for a text; several names are a text
const COLUMNS = {
  labels: ["text", "truth", "found", "sure"],
  names: ["text", "truth", "found"], // of which it is not said how surely
  answers: ["prompt", "answer", "before", "after"],
};

/** @type {(host: HTMLElement, api: Page) => Panel} */
export function createWrong(host, api) {
  /** @type {{ picture: Shown | null }} */
  const state = { picture: null };
  const title = el("h2", {});
  const small = el("small", {});
  const sheet = createSheet("wrong");
  const columns = () => COLUMNS[kindOf(state.picture?.header)].map((name) => api.str(`tuning.column.${name}`));
  const said = () => api.str(state.picture?.header.wrong_kind === "answers" ? "tuning.answers" : "tuning.wrong");
  const more = api.menu({
    title: said,
    reading: () => state.picture?.header.wrong_reading ?? "",
    python: () => state.picture?.header.setup_python,
    table: () => ({ columns: columns(), rows: rowsOf(state.picture?.header) }),
    picture: () => sheet.node,
  });
  const head = createHead("", small, spacer(), more);
  head.firstElementChild?.replaceWith(title);
  host.append(head, sheet.node);
  return {
    update: (picture) => {
      state.picture = picture;
      const { header } = picture;
      setAttr(host, "hidden", !header.wrong_kind);
      setText(title, said());
      setText(small, header.wrong_kind === "labels" ? fmtNumber(header.n_wrong) : "");
      sheet.show(columns(), rowsOf(header), kindOf(header) === "labels" ? KINDS : []);
    },
  };
}

/** @type {(header: TuningHeader | undefined) => keyof typeof COLUMNS} */
function kindOf(header) {
  if (header?.wrong_kind === "answers") return "answers";
  return header?.measure === "f1" ? "names" : "labels";
}

/** @type {(header: TuningHeader | undefined) => string[][]} */
function rowsOf(header) {
  return (header?.wrong ?? []).map((row) => row.slice(0, COLUMNS[kindOf(header)].length));
}
