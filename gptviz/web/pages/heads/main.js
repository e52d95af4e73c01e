// Heads, measured: the score of every head as a grid, the head that is looked at, the text without it, and what books say.

import { createShare } from "../../kit/buttons.js";
import { el } from "../../kit/dom.js";
import { askForMore, cardsOf } from "../../kit/panel.js";
import { createPromptBox } from "../../kit/prompt.js";
import { drawPanel, servePage } from "../../wire/page.js";
import { createClaims } from "./claims.js";
import { createGrid } from "./grid.js";
import { createOne } from "./one.js";
import { createTest } from "./test.js";

/** @import { Traits } from "../../types.d.ts" */
/** @import { HeadsHeader } from "./message.d.ts" */

/** @type {Traits<HeadsHeader>} */
const TRAITS = {};

export default servePage((grid, page) => {
  grid.classList.add("heads");
  const card = cardsOf(grid);
  const preset = el("button", {
    type: "button",
    class: "pill preset",
    "data-testid": "preset",
    title: page.str("heads.preset_hint"),
    text: page.str("heads.preset"),
    onclick: () => page.act({ kind: "preset" }),
  });
  const box = createPromptBox(card("prompt"), page, { before: preset, controls: createShare(page) });
  const panels = [
    createGrid(card("grid"), page),
    createOne(card("one"), page),
    createTest(card("test"), page),
    createClaims(card("claims"), page),
  ];
  return {
    setText: box.setValue,
    update: (picture) => {
      box.update(picture.header);
      for (const panel of panels) drawPanel(panel, picture);
    },
    drawn: ({ header }) => askForMore(page, header),
  };
}, TRAITS);
