// One step: forward, the gradient at the logits, its way down, AdamW on one weight, the loss after; and the same text read both ways.

import { cardsOf } from "../../kit/panel.js";
import { createPresetPrompt } from "../../kit/presets.js";
import { drawPanel, servePage } from "../../wire/page.js";
import { createAfter } from "./after.js";
import { createDown } from "./down.js";
import { createLogits } from "./logits.js";
import { createRace } from "./race.js";
import { createTargets } from "./targets.js";
import { createUpdate } from "./update.js";

/** @import { Traits } from "../../types.d.ts" */
/** @import { OneStepHeader } from "./message.d.ts" */

// What means nothing beside another text.
/** @type {Traits<OneStepHeader>} */
const TRAITS = {
  follows: { target: [] },
  ofText: ["step", "target", "row", "tensor", "place"],
  spoken: ({ after }) => after?.reading ?? "",
};
const PANELS = {
  targets: createTargets,
  after: createAfter,
  logits: createLogits,
  down: createDown,
  update: createUpdate,
  race: createRace,
};

export default servePage((grid, page) => {
  grid.classList.add("one-step");
  const card = cardsOf(grid);
  const prompt = createPresetPrompt(
    card("prompt"),
    page,
    (name) => page.str("one_step.preset." + name),
    (name) => page.str("one_step.preset_hint." + name),
  );
  const panels = Object.entries(PANELS).map(([name, create]) => create(card(name), page));
  return {
    setText: prompt.setValue,
    update: (picture) => {
      prompt.update(picture.header);
      for (const panel of panels) drawPanel(panel, picture);
    },
  };
}, TRAITS);
