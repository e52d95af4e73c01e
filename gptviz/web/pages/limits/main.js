// Limits: six small experiments, one at a time; what the visitor's text shows, and beside it what is measured over a set.

import { createPresetPrompt } from "../../kit/presets.js";
import { askForMore, cardsOf } from "../../kit/panel.js";
import { drawPanel, servePage } from "../../wire/page.js";
import { createPart } from "./part.js";
import { createPicks } from "./picks.js";

/** @import { Traits } from "../../types.d.ts" */
/** @import { LimitsHeader } from "./message.d.ts" */

/** @type {Traits<LimitsHeader>} */
const TRAITS = { spoken: ({ live, side }) => [live?.reading, side?.reading].filter(Boolean).join(" ") };

export default servePage((grid, page) => {
  grid.classList.add("limits");
  const card = cardsOf(grid);
  const name = () => page.picture()?.header.view.show ?? page.view().show;
  const picks = createPicks(card("picks"), page);
  const box = createPresetPrompt(card("prompt"), page, (preset) => page.str(`limits.preset.${name()}.${preset}`));
  const parts = [createPart(card("live"), page, "live"), createPart(card("side"), page, "side")];
  return {
    setText: box.setValue,
    update: (picture) => {
      box.update(picture.header);
      for (const part of [picks, ...parts]) drawPanel(part, picture);
    },
    drawn: ({ header }) => askForMore(page, header),
  };
}, TRAITS);
