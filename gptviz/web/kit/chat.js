// The text as a message in a chat: a switch, where the model has a chat template, and the system line that may stand before it.
// One control for all pages, as the start mark.

import { el, setAttr } from "./dom.js";

/** @import { Api, Header } from "../types.d.ts" */

// Gives the switch and the line, neither of which is there where the model has no template, and the function that shows what is so.
/** @type {(api: Pick<Api, "str" | "setView">) => { nodes: HTMLElement[], update: (header: Header) => void }} */
export function createChat(api) {
  const memory = { on: false, rev: -1, composing: false };
  const toggle = () => api.setView({ chat: !memory.on });
  const node = el("button", {
    type: "button",
    class: "start-mark chat-switch",
    "data-testid": "chat",
    hidden: true,
    text: api.str("prompt.chat"),
    onclick: toggle,
  });
  const line = el("input", {
    type: "text",
    class: "system-line",
    "data-testid": "system",
    hidden: true,
    spellcheck: "false",
    autocomplete: "off",
    "aria-label": api.str("prompt.system"),
    placeholder: api.str("prompt.system_hint"),
  });
  const report = () => api.setView({ system: line.value });
  line.addEventListener("compositionstart", () => (memory.composing = true));
  line.addEventListener("compositionend", () => {
    memory.composing = false;
    report();
  });
  line.addEventListener("input", () => memory.composing || report());
  /** @param {Header} header */
  const update = ({ chat, rev, view }) => {
    memory.on = chat?.on ?? false;
    node.hidden = !chat;
    line.hidden = !memory.on;
    if (!chat) return;
    setAttr(node, "aria-pressed", String(chat.on));
    setAttr(node, "title", api.str(chat.on ? "prompt.chat_on" : "prompt.chat_off"));
    // Python sets it only where it says so by a new revision; else it belongs to whoever types
    if (rev !== memory.rev && !memory.composing) {
      const said = String(view.system ?? "");
      if (line.value !== said) line.value = said;
      memory.rev = rev;
    }
  };
  return { nodes: [node, line], update };
}
