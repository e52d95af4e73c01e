// Chain rule and surprise: the probability of a text, token by token, and which of two texts the model would rather say.

import { askForMore, cardsOf } from "../../kit/panel.js";
import { drawPanel, servePage } from "../../wire/page.js";
import { createChain } from "./chain.js";
import { createExpected } from "./expected.js";
import { createTexts } from "./texts.js";
import { createTraining } from "./training.js";
import { createWords } from "./words.js";

/** @import { Traits } from "../../types.d.ts" */
/** @import { SurpriseHeader } from "./message.d.ts" */

// Parts of the link that mean nothing beside another text.
/** @type {Traits<SurpriseHeader>} */
const TRAITS = { ofText: ["token"] };

export default servePage((grid, page) => {
  grid.classList.add("surprise");
  const card = cardsOf(grid);
  const texts = createTexts(card("prompt"), page);
  const parts = [
    createChain(card("chain"), page),
    createWords(card("words"), page, 0),
    createWords(card("words"), page, 1),
    createExpected(card("expected"), page),
    createTraining(card("training"), page),
  ];
  return {
    setText: texts.setText,
    update: (picture) => {
      texts.update(picture.header);
      for (const part of parts) drawPanel(part, picture);
    },
    drawn: ({ header }) => askForMore(page, header),
  };
}, TRAITS);
