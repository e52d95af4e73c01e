// Alignment: what is better, two answers to choose from by the keys 1 and 2, and what a model becomes that learns it.

import { createShare } from "../../kit/buttons.js";
import { createLights } from "../../kit/lights.js";
import { cardsOf } from "../../kit/panel.js";
import { createPromptBox } from "../../kit/prompt.js";
import { createWatch } from "../../kit/watching.js";
import { drawPanel, servePage } from "../../wire/page.js";
import { createAnswers } from "./answers.js";
import { createChoice } from "./choice.js";
import { createCurve } from "./curve.js";
import { createSetup } from "./setup.js";

/** @import { Traits } from "../../types.d.ts" */
/** @import { AlignmentHeader } from "./message.d.ts" */

/** @type {Record<string, string[]>} what will be looked at, as gptviz/tuning/lights.py does */
const EXPECTED = {
  dpo: ["ln2", "frozen", "moved", "merged"],
  ppo: ["ratio", "clipped", "kl", "variance"],
};
/** @type {Traits<AlignmentHeader>} */
const TRAITS = {};

export default servePage((grid, page) => {
  grid.classList.add("lab", "alignment");
  const card = cardsOf(grid);
  const box = createPromptBox(card("prompt"), page, { controls: createShare(page) });
  const parts = [
    createSetup(card("setup"), page),
    createChoice(card("choice"), page),
    createCurve(card("curve"), page),
    createLights(card("lights"), page, () => EXPECTED[page.view().by] ?? []),
    createAnswers(card("answers"), page),
  ];
  const watch = createWatch(page);
  return {
    setText: box.setValue,
    update: (picture) => {
      box.update(picture.header);
      for (const part of parts) drawPanel(part, picture);
    },
    drawn: ({ header }) => watch.drawn(header),
    stop: watch.stop,
  };
}, TRAITS);
