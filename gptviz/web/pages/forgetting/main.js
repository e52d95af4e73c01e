// Forgetting: task A, then task B once with each remedy; what is left of A and of the language, on one picture that grows.

import { createShare } from "../../kit/buttons.js";
import { cardsOf } from "../../kit/panel.js";
import { createPromptBox } from "../../kit/prompt.js";
import { createWatch } from "../../kit/watching.js";
import { drawPanel, servePage } from "../../wire/page.js";
import { createCurve } from "./curve.js";
import { createMarking } from "./marking.js";
import { createOutcome } from "./outcome.js";
import { createSentence } from "./sentence.js";
import { createSetup } from "./setup.js";

/** @import { Traits } from "../../types.d.ts" */
/** @import { ForgettingHeader } from "./message.d.ts" */

/** @type {Traits<ForgettingHeader>} */
const TRAITS = {};

export default servePage((grid, page) => {
  grid.classList.add("lab", "forgetting");
  const card = cardsOf(grid);
  const marking = createMarking();
  const box = createPromptBox(card("prompt"), page, { controls: createShare(page) });
  const parts = [
    createSetup(card("setup"), page),
    createOutcome(card("outcome"), page, marking),
    createSentence(card("sentence"), page, marking),
    createCurve(card("curve"), page, marking),
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
