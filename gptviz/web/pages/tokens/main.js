// The page "Tokens": the text, the film of its merges, other vocabularies, one more letter, and the whole vocabulary.

import { createShare } from "../../kit/buttons.js";
import { el, setAttr, setText, slots } from "../../kit/dom.js";
import { listenToKeys } from "../../kit/keys.js";
import { createPromptBox } from "../../kit/prompt.js";
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
const TRAITS = { ofText: ["step"], spoken: (header) => header.film?.reading ?? "" };

export default servePage((grid, page) => {
  grid.classList.add("tokenizing");
  /** @param {string} name */
  const card = (name) => {
    const node = el("section", { class: `card ${name}-card` });
    grid.append(node);
    return node;
  };
  const prompt = createTokensPrompt(card("prompt"), page);
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

// The text box; presets before the examples, and the link.
/** @type {(host: HTMLElement, page: Page) => { setValue: (text: string) => void, update: (header: TokensHeader) => void }} */
function createTokensPrompt(host, page) {
  const presets = el("div", { class: "presets" });
  const box = createPromptBox(host, page, { before: presets, controls: createShare(page, { icon: true }) });
  const preset = () => {
    const pill = el("button", { type: "button", class: "pill preset", "data-testid": "preset" });
    pill.addEventListener("click", () => page.act({ kind: "preset", name: pill.value }));
    return pill;
  };
  /** @param {TokensHeader} header */
  const update = (header) => {
    box.update(header);
    const made = slots(presets, header.presets.length, preset);
    header.presets.forEach((name, i) => {
      setText(made[i], page.str("tokens.preset." + name));
      setAttr(made[i], "value", name);
    });
  };
  return { setValue: box.setValue, update };
}
