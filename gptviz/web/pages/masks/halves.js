// BERT, GPT and the encoder-decoder that both come from, side by side: who sees whom, what was practised, what it is used for.

import { el, setClass } from "../../kit/dom.js";
import { createHead, spacer } from "../../kit/panel.js";
import { createTurn } from "./claims.js";

/** @import { Page, Panel, Shown } from "./types.d.ts" */

const KINDS = ["gpt", "bert", "both"];
const ROWS = ["half", "direction", "objective", "use", "models"];

/** @type {(host: HTMLElement, api: Page) => Panel} */
export function createHalves(host, api) {
  /** @type {Shown | null} */
  let shown = null;
  const cell = (/** @type {string} */ row, /** @type {string} */ kind) => api.str(`masks.${kind}.${row}`);
  const columns = ["", ...KINDS.map((kind) => cell("name", kind))];
  const rows = ROWS.map((row) => [api.str("masks.halves." + row), ...KINDS.map((kind) => cell(row, kind))]);
  const table = el(
    "table",
    { class: "halves" },
    el(
      "thead",
      {},
      el(
        "tr",
        {},
        columns.map((text, i) => el(i ? "th" : "td", i ? { scope: "col", text } : {})),
      ),
    ),
    el(
      "tbody",
      {},
      rows.map(([first, ...rest]) =>
        el(
          "tr",
          {},
          el("th", { scope: "row", text: first }),
          rest.map((text) => el("td", { text })),
        ),
      ),
    ),
  );
  const head = createHead(api.str("masks.halves_title"), spacer(), createTurn("claims", api));
  head.append(
    api.menu({
      title: api.str("masks.halves_title"),
      reading: () => rows.map((row) => row.join(": ")).join(" "),
      python: () => shown?.header.columns[1]?.python ?? "", // this text with BERT's mask
      table: () => ({ columns, rows }),
      picture: () => table,
    }),
  );
  host.append(
    head,
    el(
      "div",
      { class: "halves-scroll", tabindex: "0", role: "group", "aria-label": api.str("masks.halves_title") },
      table,
    ),
  );
  return {
    update: (picture) => {
      shown = picture;
      setClass(host, "turned", api.view().told !== "halves");
    },
  };
}
