// Attention, start to end: one head at one query, every number with the sum that it is; its lines, what it moves, all heads, a sheet.

import { createShare } from "../../kit/buttons.js";
import { el, setAttr, setText, slots } from "../../kit/dom.js";
import { createMosaic } from "../../kit/mosaic.js";
import { cardsOf } from "../../kit/panel.js";
import { createPromptBox } from "../../kit/prompt.js";
import { drawPanel, servePage } from "../../wire/page.js";
import { createFlow } from "./flow.js";
import { createLines } from "./lines.js";
import { createMaps } from "./maps.js";
import { createSum } from "./sum.js";
import { createWorksheet } from "./worksheet.js";

/** @import { Traits } from "../../types.d.ts" */
/** @import { AttentionHeader } from "./message.d.ts" */
/** @import { Page } from "./types.d.ts" */

const PARTS = {
  flow: createFlow,
  sum: createSum,
  lines: createLines,
  maps: createMaps,
  heads: createMosaic,
  sheet: createWorksheet,
};

// Which position and key are looked at is the last and its strongest until one is held.
/** @type {Traits<AttentionHeader>} */
const TRAITS = {
  follows: { pos: ["start"], key: ["layer", "head", "start"] },
  ofText: ["pos", "key"],
  spoken: ({ flow }) => flow?.reading ?? "",
};

export default servePage((grid, page) => {
  grid.classList.add("attention");
  const card = cardsOf(grid);
  const promptCard = card("prompt");
  const presets = el("div", { class: "presets edged", role: "group", "aria-label": page.str("attend.presets") });
  const box = createPromptBox(promptCard, page, { before: presets, controls: createShare(page) });
  box.examples.hidden = true; // the presets are this page's examples
  const parts = Object.entries(PARTS).map(([name, create]) => create(card(name), page));
  return {
    setText: box.setValue,
    update: (picture) => {
      box.update(picture.header);
      showPresets(presets, picture.header.presets, page);
      for (const part of parts) drawPanel(part, picture);
    },
  };
}, TRAITS);

/** @type {(node: HTMLElement, names: string[], api: Page) => void} */
function showPresets(node, names, api) {
  const made = slots(node, names.length, () => {
    const pill = el("button", { type: "button", class: "pill preset", "data-testid": "preset" });
    pill.addEventListener("click", () => api.act({ kind: "preset", name: pill.value }));
    return pill;
  });
  names.forEach((name, i) => {
    const pill = /** @type {HTMLButtonElement} */ (made[i]);
    setText(pill, api.str("attend.preset." + name));
    setAttr(pill, "title", api.str("attend.preset_hint." + name));
    pill.value = name;
  });
}
