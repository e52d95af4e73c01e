// Prompting: a text in a pattern, the whole prompt as the model reads it, the labels' words weighed; and a study of how often that is right.

import { createShare } from "../../kit/buttons.js";
import { el } from "../../kit/dom.js";
import { cardsOf } from "../../kit/panel.js";
import { createPromptBox } from "../../kit/prompt.js";
import { createWatch } from "../../kit/watching.js";
import { drawPanel, servePage } from "../../wire/page.js";
import { createAsking } from "./asking.js";
import { createLabels } from "./labels.js";
import { createRead } from "./read.js";
import { createStudy } from "./study.js";

/** @import { Traits } from "../../types.d.ts" */
/** @import { PromptingHeader } from "./message.d.ts" */

/** @type {Traits<PromptingHeader>} */
const TRAITS = {};

export default servePage((grid, page) => {
  grid.classList.add("lab", "prompting");
  const card = cardsOf(grid);
  const another = el("button", {
    type: "button",
    class: "btn",
    "data-testid": "another",
    text: page.str("prompting.another"),
    title: page.str("prompting.another_hint"),
    onclick: () => page.act({ kind: "another" }),
  });
  const box = createPromptBox(card("prompt"), page, { controls: [another, createShare(page)] });
  const parts = [
    createAsking(card("asking"), page),
    createRead(card("read"), page),
    createLabels(card("labels"), page),
    createStudy(card("study"), page),
  ];
  const watch = createWatch(page);
  return {
    setText: box.setValue,
    update: (picture) => {
      box.update(picture.header);
      for (const part of parts) drawPanel(part, picture);
    },
    drawn: ({ header }) => watch.drawn(header),
    stop: watch.stop,
  };
}, TRAITS);
