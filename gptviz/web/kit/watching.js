// What pages that show a visitor's jobs do at each picture: say once whose browser this is, and look again while a job goes on.

import { ownerToken } from "./owner.js";

/** @import { Api, Header } from "../types.d.ts" */

const EVERY = 700; // ms between two looks at a job that goes on

/** @type {(page: Api<any>) => { drawn: (header: Header & { owned: boolean, running: boolean }) => void, stop: () => void }} */
export function createWatch(page) {
  /** @type {{ timer: ReturnType<typeof setTimeout> | undefined, told: boolean }} */
  const memory = { timer: undefined, told: false };
  const stop = () => clearTimeout(memory.timer);
  return {
    drawn: (header) => {
      tellOwner(page, header, memory);
      stop();
      if (header.running)
        memory.timer = setTimeout(() => page.pending("more") === 0 && page.act({ kind: "more" }), EVERY);
    },
    stop,
  };
}

// Once: Python remembers it as long as the page lives.
/** @type {(page: Api<any>, header: { owned: boolean }, memory: { told: boolean }) => void} */
export function tellOwner(page, header, memory) {
  if (!header.owned && !memory.told) page.act({ kind: "owner", token: ownerToken() });
  memory.told = true;
}
