// Says a picture in words to a screen reader, politely: once whoever types has paused, never for each key, never the same twice.

import { el } from "./dom.js";

const PAUSE = 1200; // milliseconds without a new picture

/** @typedef {{ node: HTMLElement, follow: (text: string) => void, stop: () => void }} Announcer */

// `follow` is told what each picture says. What the page opens with is read where it stands, and is not announced.
/** @type {() => Announcer} */
export function createAnnouncer() {
  const node = el("p", { class: "visually-hidden", role: "status", "aria-live": "polite", "data-testid": "spoken" });
  /** @type {{ said: string | null, timer: ReturnType<typeof setTimeout> | undefined }} */
  const memory = { said: null, timer: undefined };
  return {
    node,
    follow: (text) => {
      clearTimeout(memory.timer);
      if (memory.said === null) memory.said = text;
      if (memory.said === text) return;
      memory.timer = setTimeout(() => {
        memory.said = text;
        node.textContent = text;
      }, PAUSE);
    },
    stop: () => clearTimeout(memory.timer),
  };
}
