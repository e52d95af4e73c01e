// The prompt of a page that has presets: they stand before the examples, and the link at the end.

import { createShare } from "./buttons.js";
import { el, setAttr, setText, slots } from "./dom.js";
import { createPromptBox } from "./prompt.js";

/** @import { Textbox } from "./textbox.js" */
/** @import { Api, Header } from "../types.d.ts" */

// `say` gives what a preset is called, and `hint` what it shows.
/** @type {(host: HTMLElement, page: Api, say: (name: string) => string, hint?: (name: string) => string) => { setValue: Textbox["setValue"], update: (header: Header & { presets: string[] }) => void }} */
export function createPresetPrompt(host, page, say, hint) {
  const presets = el("div", { class: "presets edged" });
  const box = createPromptBox(host, page, { before: presets, controls: createShare(page) });
  const preset = () => {
    const pill = el("button", { type: "button", class: "pill preset", "data-testid": "preset" });
    pill.addEventListener("click", () => page.act({ kind: "preset", name: pill.value }));
    return pill;
  };
  return {
    setValue: box.setValue,
    update: (header) => {
      box.update(header);
      const made = slots(presets, header.presets.length, preset);
      header.presets.forEach((name, i) => {
        setText(made[i], say(name));
        setAttr(made[i], "value", name);
        setAttr(made[i], "title", hint?.(name));
      });
    },
  };
}
