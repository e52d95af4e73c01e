// Snapshots: one slider through a training, or two side by side; loss, heads, attention, the next token and a sample move with it.

import { askForMore, cardsOf } from "../../kit/panel.js";
import { createPresetPrompt } from "../../kit/presets.js";
import { tellOwner } from "../../kit/watching.js";
import { drawPanel, servePage } from "../../wire/page.js";
import { createAttention } from "./attention.js";
import { createCurve } from "./curve.js";
import { createHeads } from "./heads.js";
import { createMoments } from "./moments.js";
import { createNext, createWritten } from "./next.js";
import { readingOf } from "./sides.js";

/** @import { Traits } from "../../types.d.ts" */
/** @import { SnapshotsHeader } from "./message.d.ts" */

/** @type {Traits<SnapshotsHeader>} */
const TRAITS = {
  follows: { layer: ["run"], head: ["run"], other_layer: ["beside"], other_head: ["beside"] },
  spoken: ({ answer, beside }) => readingOf([answer, beside?.answer]),
};
const PANELS = {
  curve: createCurve,
  heads: createHeads,
  attention: createAttention,
  next: createNext,
  written: createWritten,
};

export default servePage((grid, page) => {
  grid.classList.add("snapshots");
  const card = cardsOf(grid);
  const prompt = createPresetPrompt(
    card("prompt"),
    page,
    (name) => page.str("snapshots.preset." + name),
    (name) => page.str("snapshots.preset_hint." + name),
  );
  const moments = createMoments(card("moments"), page);
  const panels = [moments, ...Object.entries(PANELS).map(([name, create]) => create(card(name), page))];
  const memory = { told: false };
  return {
    setText: prompt.setValue,
    update: (picture) => {
      prompt.update(picture.header);
      for (const panel of panels) drawPanel(panel, picture);
    },
    drawn: ({ header }) => {
      tellOwner(page, header, memory);
      askForMore(page, header);
    },
    stop: moments.stop,
  };
}, TRAITS);
