// The series: a timeline of published models, the card of the one that is chosen, the family tree, and everything as a table.

import { createShare } from "../../kit/buttons.js";
import { cardsOf } from "../../kit/panel.js";
import { drawPanel, servePage } from "../../wire/page.js";
import { createCard } from "./card.js";
import { createChart } from "./chart.js";
import { createTree } from "./tree.js";

/** @import { Traits } from "../../types.d.ts" */
/** @import { SeriesHeader } from "./message.d.ts" */

/** @type {Traits<SeriesHeader>} */
const TRAITS = { spoken: ({ name, changed }) => `${name}. ${changed}` };

export default servePage((grid, page) => {
  grid.classList.add("series");
  const card = cardsOf(grid);
  const share = createShare(page);
  const parts = [
    createChart(card("chart"), page, share),
    createCard(card("one"), page),
    createTree(card("tree"), page),
  ];
  return {
    update: (picture) => {
      for (const part of parts) drawPanel(part, picture);
    },
  };
}, TRAITS);
