// What it is used for: the applications as a list, the prompt, what the open model makes of it, and an honest word on that.

import { createShare } from "../../kit/buttons.js";
import { askForMore, cardsOf } from "../../kit/panel.js";
import { createPromptBox } from "../../kit/prompt.js";
import { drawPanel, servePage } from "../../wire/page.js";
import { createExpect } from "./expect.js";
import { createList } from "./list.js";
import { createWritten } from "./written.js";

/** @import { Traits } from "../../types.d.ts" */
/** @import { UsesHeader } from "./message.d.ts" */

/** @type {Traits<UsesHeader>} */
const TRAITS = { spoken: ({ written, running }) => (running ? "" : (written?.reading ?? "")) };

export default servePage((grid, page) => {
  grid.classList.add("uses");
  const card = cardsOf(grid);
  const list = createList(card("list"), page);
  const box = createPromptBox(card("prompt"), page, { controls: createShare(page) });
  const parts = [list, createWritten(card("written"), page), createExpect(card("expect"), page)];
  return {
    setText: box.setValue,
    update: (picture) => {
      box.update(picture.header);
      for (const part of parts) drawPanel(part, picture);
    },
    drawn: ({ header }) => askForMore(page, header),
  };
}, TRAITS);
