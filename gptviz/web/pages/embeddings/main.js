// The page "Embeddings": the rows of the text's tokens, what is near one of them, a map of the vocabulary, and positions.

import { createShare } from "../../kit/buttons.js";
import { askForMore, cardsOf } from "../../kit/panel.js";
import { createPromptBox } from "../../kit/prompt.js";
import { drawPanel, servePage } from "../../wire/page.js";
import { createMap } from "./map.js";
import { createNear } from "./near.js";
import { createPositions } from "./positions.js";
import { createStrips } from "./strips.js";

/** @import { Traits } from "../../types.d.ts" */
/** @import { EmbeddingsHeader } from "./message.d.ts" */

// Parts of the link that mean nothing beside another text.
/** @type {Traits<EmbeddingsHeader>} */
const TRAITS = {
  follows: { pos: ["start", "chat", "system"] },
  ofText: ["pos", "token", "turn"],
  spoken: (header) => header.near?.reading ?? "",
};

export default servePage((grid, page) => {
  grid.classList.add("embedding");
  const card = cardsOf(grid);
  const prompt = createPromptBox(card("prompt"), page, { controls: createShare(page) });
  const panels = [
    createStrips(card("strips"), page),
    createNear(card("near"), page),
    createMap(card("map"), page),
    createPositions(card("positions"), page),
  ];
  return {
    setText: prompt.setValue,
    update: (picture) => {
      prompt.update(picture.header);
      for (const panel of panels) drawPanel(panel, picture);
    },
    drawn: ({ header }) => askForMore(page, header),
  };
}, TRAITS);
