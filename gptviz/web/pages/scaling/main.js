// Scaling: finished runs and the law fitted to them, its constants, a run that was not made, and what others published.

import { askForMore, cardsOf } from "../../kit/panel.js";
import { drawPanel, servePage } from "../../wire/page.js";
import { createAsk } from "./ask.js";
import { createCurves } from "./curves.js";
import { createLaw } from "./law.js";
import { createOthers } from "./others.js";

/** @import { Traits } from "../../types.d.ts" */
/** @import { ScalingHeader } from "./message.d.ts" */

const PARTS = { curves: createCurves, law: createLaw, ask: createAsk, others: createOthers };

/** @type {Traits<ScalingHeader>} */
const TRAITS = { spoken: ({ ask }) => ask?.reading ?? "" };

export default servePage((grid, page) => {
  grid.classList.add("scaling");
  const card = cardsOf(grid);
  const parts = Object.entries(PARTS).map(([name, create]) => create(card(name), page));
  return {
    update: (picture) => {
      for (const part of parts) drawPanel(part, picture);
    },
    drawn: ({ header }) => askForMore(page, header),
  };
}, TRAITS);
