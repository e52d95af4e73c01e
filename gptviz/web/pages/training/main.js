// Training: what is learnt from and what it costs, then the picture of a model while it learns.

import { createShare } from "../../kit/buttons.js";
import { cardsOf } from "../../kit/panel.js";
import { createPromptBox } from "../../kit/prompt.js";
import { createWatch } from "../../kit/watching.js";
import { drawPanel, servePage } from "../../wire/page.js";
import { createAttention } from "./attention.js";
import { createCurve } from "./curve.js";
import { createDynamics } from "./dynamics.js";
import { createHeads } from "./heads.js";
import { createNext } from "./next.js";
import { sendPiece } from "./own.js";
import { createPlaces } from "./places.js";
import { createSamples } from "./samples.js";
import { createSetup } from "./setup.js";

/** @import { Traits } from "../../types.d.ts" */
/** @import { TrainingHeader } from "./message.d.ts" */

/** @type {Traits<TrainingHeader>} */
const TRAITS = {};

export default servePage((grid, page) => {
  grid.classList.add("training");
  const card = cardsOf(grid);
  const box = createPromptBox(card("prompt"), page, { controls: createShare(page) });
  const parts = [
    createSetup(card("setup"), page),
    createCurve(card("curve"), page),
    createSamples(card("samples"), page),
    createHeads(card("heads"), page),
    createNext(card("next"), page),
    createAttention(card("attention"), page),
    createPlaces(card("places"), page),
    createDynamics(card("dynamics"), page),
  ];
  const watch = createWatch(page);
  return {
    setText: box.setValue,
    update: (picture) => {
      box.update(picture.header);
      grid.classList.toggle("inside", picture.header.attention !== null);
      for (const part of parts) drawPanel(part, picture);
    },
    drawn: ({ header }) => {
      watch.drawn(header);
      sendPiece(page, header);
    },
    stop: watch.stop,
  };
}, TRAITS);
