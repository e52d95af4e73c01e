// All tunings of one task side by side: numbers learnt, processor time, memory, how well they do, and what was forgotten for it.

import { el, fmtNumber, fmtPercent, setAttr, setClass } from "../../kit/dom.js";
import { createHead, spacer } from "../../kit/panel.js";
import { createSheet } from "../../kit/sheet.js";

/** @import { Page, Panel, Shown } from "./types.d.ts" */
/** @import { MethodRow, TuningHeader } from "./message.d.ts" */

/** @type {(host: HTMLElement, api: Page) => Panel} */
export function createMethods(host, api) {
  /** @type {{ picture: Shown | null }} */
  const state = { picture: null };
  const sheet = createSheet("methods");
  const columns = () => [
    ...["method", "trainable", "seconds", "memory", state.picture?.header.measure || "value", "interval"].map((name) =>
      api.str(`tuning.column.${name}`),
    ),
    ...(state.picture?.header.languages ?? []).map((part) =>
      api.str("tuning.forgotten", { language: api.str(`tuning.part.${part}`) }),
    ),
  ];
  const more = api.menu({
    title: () => api.str("tuning.methods"),
    reading: () => state.picture?.header.methods_reading ?? "",
    python: () => state.picture?.header.setup_python,
    table: () => ({ columns: columns(), rows: rowsOf(state.picture?.header) }),
    picture: () => sheet.node,
  });
  const hint = el("p", { class: "hint", text: api.str("tuning.methods_hint") });
  const forgot = el("p", { class: "hint", text: api.str("tuning.forgotten_hint") });
  host.append(createHead(api.str("tuning.methods"), spacer(), more), sheet.node, hint, forgot);
  return {
    update: (picture) => {
      state.picture = picture;
      const { header } = picture;
      setAttr(host, "hidden", !header.methods_run.length);
      setAttr(forgot, "hidden", !header.languages.length);
      const made = sheet.show(
        columns(),
        rowsOf(header),
        columns().map((_, i) => (i ? "number" : "label")),
      );
      header.methods_run.forEach(({ here }, i) => setClass(made[i], "here", here));
    },
  };
}

/** @type {(header: TuningHeader | undefined) => string[][]} */
function rowsOf(header) {
  const said = (/** @type {number | null} */ x) => (header?.measure === "loss" ? fmtNumber(x, 3) : fmtPercent(x, 1));
  return (header?.methods_run ?? []).map((/** @type {MethodRow} */ row) => [
    row.name,
    fmtNumber(row.trainable),
    fmtNumber(row.seconds, 1),
    row.memory,
    said(row.value),
    row.low === null ? "–" : `${fmtPercent(row.low, 0)} – ${fmtPercent(row.high, 0)}`,
    ...row.forgotten,
  ]);
}
