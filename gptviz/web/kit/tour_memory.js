// What this browser remembers of the tour: where it stands, whether it waits, whether it is over for good. Its cards are the first
// screen's (pages/next_token/tour.js); the settings can start it from any page.

/** @typedef {{ at: number, waits?: boolean, over?: boolean }} Standing at: the card, from 0; waits: put aside; over: done, or refused */

export const START_TOUR = "gptviz-start-tour"; // the settings ask by this event of the document; whoever has the tour takes it
const KEY = "gptviz-tour";

/** @type {() => Standing | null} */
export function recallTour() {
  try {
    const standing = JSON.parse(window.localStorage.getItem(KEY) ?? "null");
    return Number.isInteger(standing?.at) && standing.at >= 0 ? standing : null;
  } catch {
    return null;
  }
}

/** @type {(standing: Standing) => void} */
export function rememberTour(standing) {
  markTab();
  try {
    window.localStorage.setItem(KEY, JSON.stringify(standing));
  } catch {
    // no storage: it goes on until the page is left
  }
}

// The tour belongs to this tab: from now on its address says what the visitor did, and is no link that somebody gave them.
export function markTab() {
  try {
    window.sessionStorage.setItem(KEY, "here");
  } catch {
    // no storage: a reload offers it only at a bare address
  }
}

// Whether a visitor came by themselves: the address says nothing but the language, or the tour was here before in this tab.
/** @type {() => boolean} */
export function cameAlone() {
  try {
    if (window.sessionStorage.getItem(KEY)) return true;
  } catch {
    // no storage: the address decides
  }
  const { search, hash } = window.location;
  const said = [...new URLSearchParams(search).keys()].filter(
    (name) => !["lang", "embed", "embed_options"].includes(name),
  );
  return said.length === 0 && hash.length <= 1;
}
