// The distribution playground: one prompt, one temperature, and everything that follows from them.

import { createShare } from "../../kit/buttons.js";
import { el } from "../../kit/dom.js";
import { askForMore } from "../../kit/panel.js";
import { createPromptBox } from "../../kit/prompt.js";
import { drawPanel, servePage } from "../../wire/page.js";
import { createEntropyCurve, createRankCurve } from "./curves.js";
import { createLive } from "./live.js";
import { createNucleus } from "./nucleus.js";
import { createRoll } from "./roll.js";
import { createSoftBars } from "./softbars.js";
import { createTemperature } from "./temperature.js";

/** @import { Traits } from "../../types.d.ts" */
/** @import { PlaygroundHeader } from "./message.d.ts" */

const PARTS = {
  temperature: createTemperature,
  bars: createSoftBars,
  rank: createRankCurve,
  entropy: createEntropyCurve,
  roll: createRoll,
  nucleus: createNucleus,
};

// Parts of the link that mean nothing beside another text.
/** @type {Traits<PlaygroundHeader>} */
const TRAITS = { ofText: ["rolls"] };

export default servePage((grid, page) => {
  const live = createLive(page);
  grid.classList.add("playground");
  /** @param {string} name */
  const card = (name) => el("section", { class: `card ${name}-card` });
  const promptCard = card("prompt");
  const box = createPromptBox(promptCard, page, { controls: createShare(page) });
  grid.append(promptCard);
  const parts = Object.entries(PARTS).map(([name, create]) => {
    const host = card(name);
    grid.append(host);
    return create(host, page, live);
  });
  return {
    setText: box.setValue,
    update: (picture) => {
      box.update(picture.header);
      for (const part of parts) drawPanel(part, picture);
    },
    drawn: ({ header }) => askForMore(page, header),
    stop: live.stop,
  };
}, TRAITS);
