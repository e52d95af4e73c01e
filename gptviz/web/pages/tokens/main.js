// The page "Tokens": the text, the film of its merges, other vocabularies, one more letter, and the whole vocabulary.

import { listenToKeys } from "../../kit/keys.js";
import { cardsOf } from "../../kit/panel.js";
import { createPresetPrompt } from "../../kit/presets.js";
import { drawPanel, servePage } from "../../wire/page.js";
import { createBrowser } from "./browser.js";
import { createCosts } from "./costs.js";
import { createLetters } from "./letters.js";
import { createScreen } from "./screen.js";
import { createStepper } from "./stepper.js";

/** @import { Traits } from "../../types.d.ts" */
/** @import { TokensHeader } from "./message.d.ts" */
/** @import { Page } from "./types.d.ts" */

// Parts of the link that mean nothing beside another text.
/** @type {Traits<TokensHeader>} */
const TRAITS = {
  follows: { pos: ["start", "chat", "system"] },
  ofText: ["step", "pos"],
  spoken: (header) => header.film?.reading ?? "",
};

export default servePage((grid, page) => {
  grid.classList.add("tokenizing");
  const card = cardsOf(grid);
  const prompt = createPresetPrompt(card("prompt"), page, (name) => page.str("tokens.preset." + name));
  const stepper = createStepper(page);
  const panels = [
    createScreen(card("film"), page, stepper),
    createCosts(card("costs"), page),
    createLetters(card("letters"), page),
    createBrowser(card("browser"), page),
  ];
  const unlisten = listenToKeys(page.root, { step: stepper.step, back: stepper.back, play: stepper.play });
  const hide = () => document.hidden && stepper.stop();
  document.addEventListener("visibilitychange", hide);
  return {
    setText: prompt.setValue,
    update: (picture) => {
      prompt.update(picture.header);
      for (const panel of panels) drawPanel(panel, picture);
    },
    stop: () => {
      stepper.stop();
      unlisten();
      document.removeEventListener("visibilitychange", hide);
    },
  };
}, TRAITS);
