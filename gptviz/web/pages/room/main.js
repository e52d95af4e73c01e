// The room, as its teacher sees and projects it: the door, what is asked, how it goes, what came, and the score.

import { createShare } from "../../kit/buttons.js";
import { cardsOf } from "../../kit/panel.js";
import { createPromptBox } from "../../kit/prompt.js";
import { drawPanel, servePage } from "../../wire/page.js";
import { createAsk } from "./ask.js";
import { createDoor } from "./door.js";
import { createLive } from "./live.js";
import { createScore } from "./score.js";
import { createTally } from "./tally.js";

/** @import { Traits } from "../../types.d.ts" */
/** @import { RoomHeader } from "./message.d.ts" */

// How much of a text is shown means nothing beside another text.
/** @type {Traits<RoomHeader>} */
const TRAITS = { ofText: ["at"], spoken: ({ round }) => round?.reading ?? "" };

export default servePage((grid, page) => {
  grid.classList.add("room");
  const card = cardsOf(grid);
  const host = card("prompt");
  const box = createPromptBox(host, page, { controls: createShare(page) });
  const live = createLive(page);
  const panels = [
    createAsk(host, page),
    createDoor(card("door"), page),
    createTally(card("tally"), page),
    createScore(card("score"), page),
  ];
  return {
    setText: box.setValue,
    update: (picture) => {
      box.update(picture.header);
      for (const panel of panels) drawPanel(panel, picture);
    },
    drawn: live.follow,
    stop: live.stop,
  };
}, TRAITS);
