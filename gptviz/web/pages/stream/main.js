// The stream: what each block adds to it, what the model would say after each, neurons, and one logit as the sum that it is. All
// panels look at one position, one block, one pair of tokens.

import { createShare } from "../../kit/buttons.js";
import { el, setAttr, setText, slots } from "../../kit/dom.js";
import { askForMore } from "../../kit/panel.js";
import { createPromptBox } from "../../kit/prompt.js";
import { drawPanel, servePage } from "../../wire/page.js";
import { createLedger } from "./ledger.js";
import { createLens } from "./lens.js";
import { createNeurons } from "./neurons.js";
import { createSizes } from "./sizes.js";
import { createThrough } from "./through.js";

/** @import { Traits } from "../../types.d.ts" */
/** @import { StreamHeader } from "./message.d.ts" */
/** @import { Page } from "./types.d.ts" */
/** @import { Textbox } from "../../kit/textbox.js" */

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
  /** @param {string} name */
  const card = (name) => {
    const node = el("section", { class: `card ${name}-card` });
    grid.append(node);
    return node;
  };
  const prompt = createStreamPrompt(card("prompt"), page);
  const panels = Object.entries(PANELS).map(([name, create]) => create(card(name), page));
  return {
    setText: prompt.box.setValue,
    update: (picture) => {
      prompt.update(picture.header);
      for (const panel of panels) drawPanel(panel, picture);
    },
    drawn: ({ header }) => askForMore(page, header),
  };
}, TRAITS);

// The text box; presets before the examples, and the link.
/** @type {(host: HTMLElement, page: Page) => { box: Textbox, update: (header: StreamHeader) => void }} */
function createStreamPrompt(host, page) {
  const presets = el("div", { class: "presets" });
  const box = createPromptBox(host, page, { before: presets, controls: createShare(page, { icon: true }) });
  const preset = () => {
    const pill = el("button", { type: "button", class: "pill preset", "data-testid": "preset" });
    pill.addEventListener("click", () => page.act({ kind: "preset", name: pill.value }));
    return pill;
  };
  /** @param {StreamHeader} header */
  const update = (header) => {
    box.update(header);
    const made = slots(presets, header.presets.length, preset);
    header.presets.forEach((name, i) => {
      setText(made[i], page.str("stream.preset." + name));
      setAttr(made[i], "value", name);
      setAttr(made[i], "title", page.str("stream.preset_hint." + name));
    });
  };
  return { box, update };
}
