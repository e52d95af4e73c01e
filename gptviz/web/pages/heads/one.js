// One head: its seven scores as bars, a tick where the label begins, and beside each label the button that tests it.

import { createBar } from "../../kit/bars.js";
import { el, fmtNumber, partsOf, setAttr, setClass, setText, slots } from "../../kit/dom.js";
import { createHead, spacer } from "../../kit/panel.js";
import { chosenOf, scoresOf } from "./scores.js";

/** @import { Page, Panel, Shown } from "./types.d.ts" */
/** @import { Table } from "../../types.d.ts" */
/** @import { Bar } from "../../kit/bars.js" */

/** @type {(host: HTMLElement, api: Page) => Panel} */
export function createOne(host, api) {
  /** @type {{ picture: Shown | null }} */
  const state = { picture: null };
  const list = el("div", { class: "head-scores", "data-testid": "one" });
  const more = api.menu({
    title: () => titleOf(state.picture, api),
    reading: () => state.picture?.header.scores_reading ?? "",
    python: () => state.picture?.header.scores_python ?? "",
    table: () => oneTable(state.picture, api),
    picture: () => (state.picture?.header.heads.length ? list : null),
  });
  const head = createHead("", el("small", { text: api.str("heads.one_small") }), spacer(), more);
  const title = /** @type {HTMLElement} */ (head.querySelector("h2"));
  host.append(head, list);
  /** @type {WeakMap<Element, Bar>} */
  const bars = new WeakMap();
  const make = () => {
    const bar = createBar({ cells: ["word", "track", "number"], track: ["ghost", "fill"] });
    const test = el("button", { type: "button", class: "btn test-it", "data-testid": "test-it" });
    test.addEventListener("click", () => api.setView({ test: !api.view().test }));
    const row = el("div", { class: "head-score" }, bar.node, test);
    bars.set(row, bar);
    return row;
  };

  /** @param {Shown} picture */
  function update(picture) {
    state.picture = picture;
    const { header } = picture;
    const view = api.view();
    const { layer, head: which } = chosenOf(header, view);
    const scores = scoresOf(header, layer, which);
    setText(title, titleOf(picture, api));
    slots(list, header.names.length, make);
    partsOf(list).forEach((row, i) => {
      const name = header.names[i];
      const [value, threshold] = [scores[i] ?? 0, header.thresholds[i]];
      const labelled = scores.length > 0 && value >= threshold;
      bars.get(row)?.show(
        {
          p: value,
          before: threshold,
          word: api.str("heads.name." + name),
          number: fmtNumber(scores[i], 2),
          title: `${api.str("heads.definition." + name)} ${api.str("heads.label_from", { threshold: fmtNumber(threshold, 1) })}`,
          marks: { labelled },
        },
        1,
      );
      const test = row.children[1];
      setClass(test, "vacant", !labelled);
      setAttr(test, "tabindex", labelled ? null : "-1");
      setAttr(test, "aria-hidden", labelled ? null : "true");
      setAttr(test, "aria-pressed", String(view.test));
      setAttr(
        test,
        "aria-label",
        `${api.str("heads.name." + name)}: ${api.str(view.test ? "heads.restore" : "heads.test")}`,
      );
      setAttr(test, "title", api.str("heads.test_hint"));
      setText(test, api.str("heads.test"));
    });
  }
  return { update };
}

/** @type {(picture: Shown | null, api: Page) => string} */
function titleOf(picture, api) {
  return picture ? api.str("heads.one", chosenOf(picture.header, api.view())) : "";
}

/** @type {(picture: Shown | null, api: Page) => Table} */
function oneTable(picture, api) {
  const columns = [api.str("heads.score"), api.str("heads.name." + (picture?.header.view.score ?? "induction"))];
  if (!picture) return { columns, rows: [] };
  const { layer, head } = chosenOf(picture.header, api.view());
  const scores = scoresOf(picture.header, layer, head);
  return {
    columns: [api.str("heads.score"), api.str("heads.one", { layer, head })],
    rows: picture.header.names.map((name, i) => [api.str("heads.name." + name), scores[i] ?? null]),
  };
}
