// Robustness: the text attacked word by word, its changed copies, and a trial of what learning against that buys.

import { createShare } from "../../kit/buttons.js";
import { askForMore, cardsOf } from "../../kit/panel.js";
import { createPromptBox } from "../../kit/prompt.js";
import { createWatch } from "../../kit/watching.js";
import { drawPanel, servePage } from "../../wire/page.js";
import { createAttack } from "./attack.js";
import { createCopies } from "./copies.js";
import { createSetup } from "./setup.js";
import { createTrial } from "./trial.js";

/** @import { Traits } from "../../types.d.ts" */
/** @import { RobustnessHeader } from "./message.d.ts" */

/** @type {Traits<RobustnessHeader>} */
const TRAITS = {};

export default servePage((grid, page) => {
  grid.classList.add("lab", "robustness");
  const card = cardsOf(grid);
  const box = createPromptBox(card("prompt"), page, { controls: createShare(page) });
  const parts = [
    createSetup(card("setup"), page),
    createAttack(card("attack"), page),
    createCopies(card("copies"), page),
    createTrial(card("trial"), page),
  ];
  const watch = createWatch(page);
  return {
    setText: box.setValue,
    update: (picture) => {
      box.update(picture.header);
      for (const part of parts) drawPanel(part, picture);
    },
    drawn: ({ header }) => {
      watch.drawn(header);
      if (header.attacking) askForMore(page, header);
    },
    stop: watch.stop,
  };
}, TRAITS);
