// The stream: what each block adds to it, what the model would say after each, neurons, and one logit as the sum that it is. All
// panels look at one position, one block, one pair of tokens.

import { askForMore, cardsOf } from "../../kit/panel.js";
import { createPresetPrompt } from "../../kit/presets.js";
import { drawPanel, servePage } from "../../wire/page.js";
import { createLedger } from "./ledger.js";
import { createLens } from "./lens.js";
import { createNeurons } from "./neurons.js";
import { createSizes } from "./sizes.js";
import { createThrough } from "./through.js";

/** @import { Traits } from "../../types.d.ts" */
/** @import { StreamHeader } from "./message.d.ts" */
/** @import { Page } from "./types.d.ts" */

// What means nothing beside another text, and a neuron nothing in another layer.
/** @type {Traits<StreamHeader>} */
const TRAITS = {
  follows: { pos: ["start"], first: ["start"], neuron: ["layer"] },
  ofText: ["pos", "first", "neuron"],
  spoken: ({ lens }) => lens?.reading ?? "",
};
const PANELS = {
  lens: createLens,
  ledger: createLedger,
  sizes: createSizes,
  through: createThrough,
  neurons: createNeurons,
};

export default servePage((grid, page) => {
  grid.classList.add("stream");
  const card = cardsOf(grid);
  const prompt = createPresetPrompt(
    card("prompt"),
    page,
    (name) => page.str("stream.preset." + name),
    (name) => page.str("stream.preset_hint." + name),
  );
  const panels = Object.entries(PANELS).map(([name, create]) => create(card(name), page));
  return {
    setText: prompt.setValue,
    update: (picture) => {
      prompt.update(picture.header);
      for (const panel of panels) drawPanel(panel, picture);
    },
    drawn: ({ header }) => askForMore(page, header),
  };
}, TRAITS);
