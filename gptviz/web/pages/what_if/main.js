// What if? The prompt and another one, the switches, the text before and after, a head's attention, the maps, the curve.

import { createShare } from "../../kit/buttons.js";
import { askForMore, cardsOf } from "../../kit/panel.js";
import { drawPanel, servePage } from "../../wire/page.js";
import { createAttention } from "./attention.js";
import { createBefore } from "./before.js";
import { createCurve } from "./curve.js";
import { createPatch } from "./patch.js";
import { createSwitches } from "./switches.js";
import { createTexts } from "./texts.js";

/** @import { Traits } from "../../types.d.ts" */
/** @import { WhatIfHeader } from "./message.d.ts" */

/** @type {Traits<WhatIfHeader>} */
const TRAITS = { follows: { pos: ["start", "chat", "system"] }, ofText: ["pos"] };

export default servePage((grid, page) => {
  grid.classList.add("what-if");
  const card = cardsOf(grid);
  const texts = createTexts(card("prompt"), page, createShare(page));
  const panels = [
    createSwitches(card("switches"), page),
    createBefore(card("before"), page),
    createAttention(card("attention"), page),
    createPatch(card("patch"), page),
    createCurve(card("curve"), page),
  ];
  return {
    setText: texts.setText,
    update: (picture) => {
      texts.update(picture.header);
      for (const panel of panels) drawPanel(panel, picture);
    },
    drawn: ({ header }) => askForMore(page, header),
  };
}, TRAITS);
