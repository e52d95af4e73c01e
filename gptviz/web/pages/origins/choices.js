// What may come next: by the model, and by counting. The one that is pressed is looked for in the training text.

import { el, fmtPercent, setAttr, setClass, setStyle, setText, slots, within } from "../../kit/dom.js";
import { createHead, spacer } from "../../kit/panel.js";

/** @import { Choices } from "./message.d.ts" */
/** @import { Drawn, Page, Panel } from "./types.d.ts" */

/** @type {(host: HTMLElement, api: Page) => Panel} */
export function createChoices(host, api) {
  /** @type {Choices | null} */
  let shown = null;
  const small = el("small", { "data-testid": "size" });
  const which = el("select", { "data-testid": "run", "aria-label": api.str("origins.run") });
  which.addEventListener("change", () => api.setView({ run: which.value, token: null }));
  const menu = api.menu({
    title: api.str("origins.choices"),
    reading: () => shown?.reading ?? api.str("empty.hint"),
    python: () => shown?.python,
    table: () => ({
      columns: ["token", "gpt", "counted"].map((name) => api.str("origins.column." + name)),
      rows: (shown?.rows ?? []).map(({ label, gpt, counted }) => [label, gpt, counted]),
    }),
    picture: () => (shown ? list : null),
  });
  const key = el(
    "p",
    { class: "origin-key" },
    el("span", { class: "gpt" }, el("i", {}), api.str("origins.gpt")),
    el("span", { class: "counted" }, el("i", {}), api.str("origins.counted")),
  );
  const list = el("div", { class: "origin-choices", "data-testid": "choices" });
  const train = el("p", { class: "hint", "data-testid": "train-first", text: api.str("origins.train_first") });
  const hint = el("p", { class: "hint empty" });
  host.append(createHead(api.str("origins.choices"), small, spacer(), which, menu), key, list, train, hint);
  list.addEventListener("click", (event) => {
    const id = within(event, "button")?.dataset.id;
    if (id !== undefined) api.setView({ token: Number(id) });
  });
  return {
    /** @param {Drawn} picture */
    update: ({ header }) => {
      shown = header.choices ?? null;
      setText(small, header.size);
      setAttr(menu, "hidden", !shown);
      setText(hint, shown ? "" : api.str("empty.hint"));
      setAttr(train, "hidden", header.trained);
      setAttr(key.children[0], "hidden", !header.trained);
      const options = slots(which, header.runs.length, () => el("option", {}));
      header.runs.forEach(({ name, title }, i) => {
        setAttr(options[i], "value", name);
        setText(options[i], title);
      });
      if (which.value !== header.run) which.value = header.run;
      setAttr(which, "hidden", header.runs.length < 2);
      const rows = shown?.rows ?? [];
      const most = Math.max(1e-9, ...rows.map(({ gpt, counted }) => Math.max(gpt ?? 0, counted)));
      const made = slots(list, rows.length, makeRow);
      rows.forEach((row, i) => {
        const [name, track, numbers] = /** @type {HTMLElement[]} */ ([...made[i].children]);
        setText(name, row.label);
        const [gpt, counted] = /** @type {HTMLElement[]} */ ([...track.children]);
        setAttr(gpt, "hidden", row.gpt === null);
        setStyle(gpt, "width", wide((row.gpt ?? 0) / most));
        setStyle(counted, "width", wide(row.counted / most));
        setText(numbers.children[0], row.gpt === null ? "" : fmtPercent(row.gpt));
        setText(numbers.children[1], fmtPercent(row.counted));
        setAttr(made[i], "data-id", row.id);
        setAttr(made[i], "aria-pressed", String(row.id === shown?.token));
        setClass(made[i], "sel", row.id === shown?.token);
      });
    },
  };
}

function makeRow() {
  return el(
    "button",
    { type: "button", class: "origin-choice", "data-testid": "choice" },
    el("b", { class: "mono" }),
    el("span", { class: "origin-track" }, el("i", { class: "gpt" }), el("i", { class: "counted" })),
    el("span", { class: "origin-numbers mono" }, el("span", { class: "gpt" }), el("span", { class: "counted" })),
  );
}

/** @type {(share: number) => string} */
function wide(share) {
  return `${Math.round(share * 1000) / 10}%`;
}
