// A stage (after A, or B with a remedy) that is marked in all pictures at once: the one under the pointer, else the one chosen.

/** @import { Marking } from "./types.d.ts" */

/** @type {() => Marking} */
export function createMarking() {
  /** @type {{ chosen: string, over: string, shows: ((at: string) => void)[] }} */
  const memory = { chosen: "", over: "", shows: [] };
  const at = () => memory.over || memory.chosen;
  const tell = () => {
    for (const show of memory.shows) show(at());
  };
  const over = (/** @type {string} */ name) => {
    if (memory.over === name) return;
    memory.over = name;
    tell();
  };
  return {
    at,
    add: (show) => void memory.shows.push(show),
    choose: (name) => {
      memory.chosen = memory.chosen === name ? "" : name;
      tell();
    },
    listen: (host) => {
      host.addEventListener("pointerover", (event) => {
        const row = event.target instanceof Element ? event.target.closest("[data-at]") : null;
        if (event.pointerType !== "touch") over(row?.getAttribute("data-at") ?? "");
      });
      host.addEventListener("pointerleave", () => over(""));
    },
  };
}
