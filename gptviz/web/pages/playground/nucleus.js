// How many tokens top-p keeps after each token of the text, as bars on a logarithmic scale.

import { el, fmtNumber, numbersOf, partsOf, setAttr, setClass, setStyle, setText, slots } from "../../kit/dom.js";
import { createHead, spacer } from "../../kit/panel.js";
import { createStepSlider, nearestStep } from "./live.js";

/** @import { Live, Page, Panel, Shown } from "./types.d.ts" */
/** @import { Nucleus } from "./message.d.ts" */
/** @import { Table } from "../../types.d.ts" */

/** @type {(host: HTMLElement, api: Page, live: Live) => Panel} */
export function createNucleus(host, api, live) {
  /** @type {{ picture: Shown | null, ids: string }} */
  const memory = { picture: null, ids: "" };
  const small = el("small", {});
  const slider = createStepSlider(
    {
      label: api.str("playground.top_p"),
      hint: api.str("playground.top_p_hint"),
      testid: "top-p",
      name: "top_p",
      steps: () => memory.picture?.header.nucleus?.shares ?? [0.01, 0.9, 1],
      write: (value) => fmtNumber(value, 2),
    },
    live,
  );
  const head = createHead(
    api.str("playground.nucleus_title"),
    small,
    spacer(),
    el("span", { class: "panel inline" }, slider.node),
  );
  const list = el("div", { class: "nucleus-columns", "data-testid": "nucleus", role: "group", tabindex: "0" });
  host.append(head, list);
  head.append(
    api.menu({
      title: api.str("playground.nucleus_title"),
      reading: () => memory.picture?.header.nucleus?.reading ?? api.str("empty.hint"),
      python: () => memory.picture?.header.nucleus?.python ?? "",
      table: () => nucleusTable(memory.picture, api, live),
      picture: () => (memory.picture?.header.nucleus ? list : null),
    }),
  );

  /** @param {Shown} picture */
  function update(picture) {
    const { nucleus, ids } = picture.header;
    memory.picture = picture;
    slider.update();
    setText(small, nucleus ? api.str("playground.nucleus_small", { t: fmtNumber(nucleus.temperature, 2) }) : "");
    setClass(list, "stale", nucleus && !live.same("temperature"));
    setAttr(list, "aria-label", nucleus ? nucleus.reading : api.str("empty.hint"));
    const counts = nucleus ? nucleusCounts(picture, nucleus, live) : [];
    const full = Math.log10(nucleus?.vocab_size || 10);
    const made = slots(list, nucleus ? nucleus.labels.length : 0, () =>
      el(
        "div",
        { class: "nucleus-column" },
        el("span", { class: "nucleus-count mono" }),
        el("span", { class: "nucleus-room" }, el("i", {})),
        el("span", { class: "nucleus-word mono" }),
      ),
    );
    nucleus?.labels.forEach((label, i) => fillColumn(made[i], label, counts[i], full, api));
    if (memory.ids !== ids.join(",")) requestAnimationFrame(() => (list.scrollLeft = list.scrollWidth));
    memory.ids = ids.join(",");
  }
  return { update };
}

// What Python counted for the share under the hand; positions not yet counted are missing.
/** @type {(picture: Shown, nucleus: Nucleus, live: Live) => number[]} */
function nucleusCounts(picture, { shares }, live) {
  const kept = numbersOf(picture, "kept");
  const at = nearestStep(shares, live.get("top_p"));
  return Array.from({ length: kept.length / shares.length }, (_, i) => kept[i * shares.length + at]);
}

/** @type {(node: HTMLElement, label: string, count: number | undefined, full: number, api: Page) => void} */
function fillColumn(node, label, count, full, api) {
  const [figure, room, word] = partsOf(node);
  const known = count !== undefined;
  setText(figure, known ? fmtNumber(count) : "…");
  setText(word, label);
  // one token is a stroke, the whole vocabulary the full height
  setStyle(partsOf(room)[0], "height", known ? `max(2px, ${((Math.log10(count) / full) * 100).toFixed(2)}%)` : "0");
  setAttr(node, "title", api.str("playground.column_title", { label, count: known ? fmtNumber(count) : "…" }));
}

/** @type {(picture: Shown | null, api: Page, live: Live) => Table} */
function nucleusTable(picture, api, live) {
  const columns = ["position", "token", "kept"].map((name) => api.str("playground.column." + name));
  const nucleus = picture?.header.nucleus;
  if (!nucleus) return { columns, rows: [] };
  const counts = nucleusCounts(picture, nucleus, live);
  return { columns, rows: nucleus.labels.map((label, i) => [i, label, counts[i] ?? null]) };
}
