// Masks: one text under three masks on the same weights, a blank that is filled, the two halves of a transformer, and claims.

import { createShare } from "../../kit/buttons.js";
import { askForMore, cardsOf } from "../../kit/panel.js";
import { createPromptBox } from "../../kit/prompt.js";
import { drawPanel, servePage } from "../../wire/page.js";
import { createClaims } from "./claims.js";
import { createColumns } from "./columns.js";
import { createFill } from "./fill.js";
import { createHalves } from "./halves.js";

/** @import { Traits } from "../../types.d.ts" */
/** @import { MasksHeader } from "./message.d.ts" */

const PARTS = { masks: createColumns, fill: createFill, claims: createClaims, halves: createHalves };

/** @type {Traits<MasksHeader>} */
const TRAITS = {
  spoken: ({ columns }) => columns.flatMap(({ waiting, reading }) => (waiting ? [] : [reading])).join(" "),
};

export default servePage((grid, page) => {
  grid.classList.add("masks");
  const card = cardsOf(grid);
  const promptCard = card("prompt");
  const box = createPromptBox(promptCard, page, { controls: createShare(page) });
  const parts = Object.entries(PARTS).map(([name, create]) => create(card(name), page));
  return {
    setText: box.setValue,
    update: (picture) => {
      box.update(picture.header);
      for (const part of parts) drawPanel(part, picture);
    },
    drawn: ({ header }) => askForMore(page, header),
  };
}, TRAITS);
