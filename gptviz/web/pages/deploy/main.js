// Deploy: what fewer bits and fewer parts save and cost, the text before and after, and the six duties with live figures.

import { createPresetPrompt } from "../../kit/presets.js";
import { askForMore, cardsOf } from "../../kit/panel.js";
import { drawPanel, servePage } from "../../wire/page.js";
import { createAnswer } from "./answer.js";
import { createDuties } from "./duties.js";
import { createForms } from "./forms.js";
import { createParts } from "./parts.js";

/** @import { Traits } from "../../types.d.ts" */
/** @import { DeployHeader } from "./message.d.ts" */

/** @type {Traits<DeployHeader>} */
const TRAITS = { spoken: ({ parts_reading, changed }) => [parts_reading, changed?.reading].filter(Boolean).join(" ") };
const AGAIN = 15000; // ms after which the figures are looked at again
const GAP = 250; // between two pieces of work, for whoever types meanwhile

export default servePage((grid, page) => {
  grid.classList.add("deploy");
  const card = cardsOf(grid);
  const box = createPresetPrompt(
    card("prompt"),
    page,
    (name) => page.str("deploy.preset." + name),
    (name) => page.str("deploy.preset_hint." + name),
  );
  const panels = [
    createForms(card("forms"), page),
    createParts(card("parts"), page),
    createAnswer(card("answer"), page),
    createDuties(card("duties"), page),
  ];
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  const look = () => {
    if (!document.hidden && page.pending("more") === 0) page.act({ kind: "more" });
    else timer = setTimeout(look, AGAIN);
  };
  return {
    setText: box.setValue,
    update: (picture) => {
      box.update(picture.header);
      for (const panel of panels) drawPanel(panel, picture);
    },
    drawn: ({ header }) => {
      clearTimeout(timer);
      timer = header.running ? setTimeout(() => askForMore(page, header), GAP) : setTimeout(look, AGAIN);
    },
    stop: () => clearTimeout(timer),
  };
}, TRAITS);
