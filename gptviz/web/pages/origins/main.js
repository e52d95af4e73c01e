// Where did it learn that? What may come next, how often its n-grams stand in the training text, where, and the table of pairs.

import { cardsOf } from "../../kit/panel.js";
import { createPresetPrompt } from "../../kit/presets.js";
import { tellOwner } from "../../kit/watching.js";
import { drawPanel, servePage } from "../../wire/page.js";
import { createChoices } from "./choices.js";
import { createCounts } from "./counts.js";
import { createPairs } from "./pairs.js";
import { createPassages } from "./passages.js";

/** @import { Traits } from "../../types.d.ts" */
/** @import { OriginsHeader } from "./message.d.ts" */

/** @type {Traits<OriginsHeader>} */
const TRAITS = {
  follows: { token: ["run"] },
  ofText: ["token"],
  spoken: ({ choices }) => choices?.reading ?? "",
};
const PANELS = { choices: createChoices, counts: createCounts, passages: createPassages, pairs: createPairs };

export default servePage((grid, page) => {
  grid.classList.add("origins");
  const card = cardsOf(grid);
  const prompt = createPresetPrompt(
    card("prompt"),
    page,
    (name) => page.str("origins.preset." + name),
    (name) => page.str("origins.preset_hint." + name),
  );
  const panels = Object.entries(PANELS).map(([name, create]) => create(card(name), page));
  const memory = { told: false };
  return {
    setText: prompt.setValue,
    update: (picture) => {
      prompt.update(picture.header);
      for (const panel of panels) drawPanel(panel, picture);
    },
    drawn: ({ header }) => {
      tellOwner(page, header, memory);
    },
  };
}, TRAITS);
