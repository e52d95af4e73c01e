// How often the n-grams that end with the token stand in the training text, order by order, and what each makes of it; both models last.

import { el, fmtNumber, fmtPercent, setAttr, setClass, setText, slots } from "../../kit/dom.js";
import { createHead, spacer } from "../../kit/panel.js";

/** @import { Counts } from "./message.d.ts" */
/** @import { Drawn, Page, Panel } from "./types.d.ts" */

/** @type {(host: HTMLElement, api: Page) => Panel} */
export function createCounts(host, api) {
  /** @type {Counts | null} */
  let shown = null;
  const small = el("small", {});
  const columns = () => ["n", "context", "times", "then", "p", "bits"].map((name) => api.str("origins.column." + name));
  const menu = api.menu({
    title: api.str("origins.counts"),
    reading: () => shown?.reading ?? api.str("empty.hint"),
    python: () => shown?.python,
    table: () => ({
      columns: columns(),
      rows: (shown?.lines ?? []).map(({ n, context, times, then, p, bits }) => [n, context, times, then, p, bits]),
    }),
    picture: () => (shown ? table : null),
  });
  const names = el(
    "tr",
    {},
    columns().map((text) => el("th", { scope: "col", text })),
  );
  const body = el("tbody", { "data-testid": "counts" });
  const table = el("table", { class: "origin-table" }, el("thead", {}, names), body);
  const bits = el("div", { class: "origin-bits", "data-testid": "bits" });
  const box = el(
    "div",
    { class: "origin-scroll edged", tabindex: "0", role: "group", "aria-label": api.str("origins.counts") },
    table,
  );
  host.append(createHead(api.str("origins.counts"), small, spacer(), menu), box, bits);
  return {
    /** @param {Drawn} picture */
    update: ({ header }) => {
      shown = header.counts ?? null;
      for (const node of [menu, box, bits]) setAttr(node, "hidden", !shown);
      if (!shown) return;
      setText(small, api.str("origins.of_token", { label: shown.label }));
      const rows = slots(body, shown.lines.length, () =>
        el(
          "tr",
          {},
          Array.from({ length: 6 }, () => el("td", { class: "mono" })),
        ),
      );
      shown.lines.forEach(({ n, context, times, then, p, bits: cost }, i) => {
        const written = [
          String(n),
          context || "–",
          fmtNumber(times),
          fmtNumber(then),
          fmtPercent(p),
          cost === null ? "∞" : fmtNumber(cost, 2),
        ];
        written.forEach((text, at) => setText(rows[i].children[at], text));
        setClass(rows[i], "never", then === 0);
      });
      const said = /** @type {[string, number, number | null][]} */ ([["counted", shown.counted, shown.counted_bits]]);
      if (shown.gpt !== null) said.push(["gpt", shown.gpt, shown.gpt_bits]);
      const made = slots(bits, said.length, () => el("p", {}, el("span", {}), el("b", { class: "mono" })));
      said.forEach(([name, p, cost], i) => {
        setText(made[i].children[0], api.str("origins." + name));
        setText(
          made[i].children[1],
          api.str("origins.in_bits", { p: fmtPercent(p), bits: cost === null ? "∞" : fmtNumber(cost, 2) }),
        );
        setAttr(made[i], "class", name);
      });
    },
  };
}
