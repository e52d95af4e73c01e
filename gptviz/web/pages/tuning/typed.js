// The text in the box as the tuned model labels it, while it is typed; a prompt answered before and after, once that is asked for.

import { showBars } from "../../kit/bars.js";
import { el, fmtPercent, setAttr, setClass, setText, slots } from "../../kit/dom.js";
import { createHead, spacer } from "../../kit/panel.js";

/** @import { Page, Panel, Shown } from "./types.d.ts" */
/** @import { Table } from "../../types.d.ts" */

const SHAPE = { tag: /** @type {const} */ ("div"), attrs: { "data-testid": "typed-label" } };

/** @type {(host: HTMLElement, api: Page) => Panel} */
export function createTyped(host, api) {
  /** @type {{ picture: Shown | null }} */
  const state = { picture: null };
  const bars = el("div", { class: "bars" });
  const words = el("p", { class: "tagged", "data-testid": "tagged" });
  const ask = el("button", {
    type: "button",
    class: "btn",
    text: api.str("tuning.ask"),
    "data-testid": "ask",
    onclick: () => api.act({ kind: "answer" }),
  });
  const [before, after] = ["before", "after"].map((name) =>
    el(
      "div",
      { class: "answer" },
      el("b", { text: api.str(`tuning.column.${name}`) }),
      el("p", { class: "said", "data-testid": name }),
    ),
  );
  const asked = el("p", { class: "hint mono" });
  const body = el("div", { class: "typed-body" }, bars, words, asked, before, after);
  const problem = el("p", { class: "note warn", role: "status" });
  const empty = el("p", { class: "hint empty", text: api.str("tuning.untried") });
  const more = api.menu({
    title: () => api.str("tuning.typed"),
    reading: () => state.picture?.header.said_reading ?? "",
    python: () => state.picture?.header.said_python,
    table: () => typedTable(state.picture, api),
    picture: () => (state.picture?.header.said ? body : null),
  });
  host.append(createHead(api.str("tuning.typed"), spacer(), more), empty, problem, ask, body);
  return {
    update: (picture) => {
      state.picture = picture;
      const { header } = picture;
      const answers = header.said === "answers";
      setAttr(empty, "hidden", Boolean(header.said || header.said_problem));
      setAttr(more, "hidden", !header.said || (answers && !header.said_of));
      setText(problem, header.said_problem);
      setAttr(problem, "hidden", !header.said_problem);
      setAttr(ask, "hidden", !answers);
      for (const node of [before, after, asked]) setAttr(node, "hidden", !answers || !header.said_of);
      setText(asked, header.said_of);
      setText(before.children[1], header.before || "⏎");
      setText(after.children[1], header.after || "⏎");
      const rows = header.labels.map(([word, p], i) => ({ p, word, number: fmtPercent(p), marks: { others: i > 0 } }));
      showBars(bars, rows, 1, SHAPE);
      const made = slots(words, header.tagged.length, () =>
        el("span", { class: "tag-word" }, el("span", {}), el("small", {})),
      );
      header.tagged.forEach(([word, tag], i) => {
        setText(made[i].children[0], word);
        setText(made[i].children[1], tag === "O" ? "" : tag.slice(2));
        setClass(made[i], "named", tag !== "O");
        setClass(made[i], "goes-on", tag.startsWith("I-"));
      });
    },
  };
}

/** @type {(picture: Shown | null, api: Page) => Table} */
function typedTable(picture, api) {
  const { labels = [], tagged = [], said_of = "", before = "", after = "" } = picture?.header ?? {};
  const named = (/** @type {string[]} */ ...names) => names.map((name) => api.str(`tuning.column.${name}`));
  if (said_of) return { columns: named("prompt", "before", "after"), rows: [[said_of, before, after]] };
  if (tagged.length) return { columns: named("text", "label"), rows: tagged };
  return { columns: named("label", "probability"), rows: labels };
}
