// Alignment: what is better, two answers to choose from by the keys 1 and 2, and what a model becomes that learns it.

import { createShare } from "../../kit/buttons.js";
import { createLights } from "../../kit/lights.js";
import { ownerToken } from "../../kit/owner.js";
import { cardsOf } from "../../kit/panel.js";
import { createPromptBox } from "../../kit/prompt.js";
import { drawPanel, servePage } from "../../wire/page.js";
import { createAnswers } from "./answers.js";
import { createChoice } from "./choice.js";
import { createCurve } from "./curve.js";
import { createSetup } from "./setup.js";

/** @import { Traits } from "../../types.d.ts" */
/** @import { AlignmentHeader } from "./message.d.ts" */

const EVERY = 700; // ms between two looks at a run that goes on

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
    createLights(card("lights"), page),
    createAnswers(card("answers"), page),
  ];
  /** @type {{ timer: ReturnType<typeof setTimeout> | undefined, told: boolean }} */
  const memory = { timer: undefined, told: false };
  return {
    setText: box.setValue,
    update: (picture) => {
      box.update(picture.header);
      for (const part of parts) drawPanel(part, picture);
    },
    drawn: ({ header }) => {
      if (!header.owned && !memory.told) page.act({ kind: "owner", token: ownerToken() });
      memory.told = true;
      clearTimeout(memory.timer);
      if (header.running)
        memory.timer = setTimeout(() => page.pending("more") === 0 && page.act({ kind: "more" }), EVERY);
    },
    stop: () => clearTimeout(memory.timer),
  };
}, TRAITS);
