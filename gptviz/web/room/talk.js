// What a phone says to the server and hears from it. An answer that did not get through is sent again; sent twice it counts once.

/** @import { Answer, Kept, Mine, State } from "./types.d.ts" */
/** @typedef {{ error?: string, text?: string, again?: boolean }} Refusal */
/** @typedef {{ state: (state: State) => void, count: (answered: number, members: number) => void, lost: (lost: boolean) => void }} Ears */

const STORED = "gptviz-room";
export const AGAIN = 2000; // ms after which what was lost is tried again

// The server's answer; a refusal has `error` and says why in `text`; null where nothing got through.
/** @type {<T>(what: string, message: Record<string, unknown>) => Promise<(T & Refusal) | null>} */
export async function post(what, message) {
  try {
    const answer = await fetch("room/" + what, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ ...message, lang: document.documentElement.lang }),
    });
    return await answer.json();
  } catch {
    return null;
  }
}

// Says it until it has been heard, or a newer wish has come; `waiting` is told why it was not.
/** @type {(kept: Kept, number: number, answer: Answer, wanted: () => boolean, waiting: (why: string) => void) => Promise<Refusal | null>} */
export async function answerUntilHeard({ room, token }, number, answer, wanted, waiting) {
  for (;;) {
    /** @type {Refusal | null} */
    const said = await post("answer", { room, token, number, ...answer });
    if ((said && !passes(said)) || !wanted()) return said;
    if (said) waiting(said.text ?? "");
    await new Promise((done) => setTimeout(done, AGAIN));
  }
}

// Whether a refusal is none of what was said: the server cannot reach its rooms for the moment.
/** @type {(said: Refusal) => boolean} */
export function passes({ again }) {
  return again === true;
}

/** @type {(kept: Kept) => Promise<(Mine & Refusal) | null>} */
export function askMine({ room, token }) {
  return post("mine", { room, token });
}

// Listens for as long as the room goes on; gives what ends it. A browser comes back by itself where the network was gone for a while.
/** @type {(room: string, ears: Ears) => () => void} */
export function listen(room, ears) {
  /** @type {EventSource | null} */
  let source = null;
  let timer = 0;
  const open = () => {
    source = new EventSource("room/events?room=" + encodeURIComponent(room));
    source.addEventListener("open", () => ears.lost(false));
    source.addEventListener("state", ({ data }) => ears.state(JSON.parse(data)));
    source.addEventListener("count", ({ data }) => {
      const { answered, members } = JSON.parse(data);
      ears.count(answered, members);
    });
    source.addEventListener("lost", () => ears.lost(true));
    source.addEventListener("error", () => {
      ears.lost(true);
      if (source?.readyState === EventSource.CLOSED) timer = window.setTimeout(open, AGAIN);
    });
  };
  open();
  return () => {
    clearTimeout(timer);
    source?.close();
  };
}

// What is kept outlives a reload and is the same in all tabs; where nothing can be kept, a reload comes in anew.
/** @type {() => Kept | null} */
export function kept() {
  try {
    return JSON.parse(localStorage.getItem(STORED) ?? "null");
  } catch {
    return null;
  }
}

/** @type {(what: Kept | null) => void} */
export function keep(what) {
  try {
    if (what) localStorage.setItem(STORED, JSON.stringify(what));
    else localStorage.removeItem(STORED);
  } catch {
    // no storage
  }
}
