// What this browser remembers of the lessons: how far each has come, and a lesson of the visitor's own. A session of the server that is
// new is told once.

const KEY = "gptviz-lessons";
const OWN = "gptviz-lesson-own"; // the file that was dropped in, in this tab
const MOST = 40; // lessons that are remembered

let told = false; // like the modules it outlives the page, until the tab is closed or loaded anew

/** @typedef {Record<string, unknown>} Kept by name of a lesson */

/** @type {() => Kept} */
function recall() {
  try {
    const found = JSON.parse(window.localStorage.getItem(KEY) ?? "{}");
    return found && typeof found === "object" && !Array.isArray(found) ? found : {};
  } catch {
    return {};
  }
}

/** @type {(kept: Kept) => void} */
export function rememberLessons(kept) {
  if (!told) return; // what was there before comes first
  const all = { ...recall(), ...kept };
  for (const name of Object.keys(all).slice(MOST)) delete all[name];
  const text = JSON.stringify(all);
  try {
    if (window.localStorage.getItem(KEY) !== text) window.localStorage.setItem(KEY, text);
  } catch {
    // no storage: the session remembers until it ends
  }
}

/** @type {(text: string) => void} */
export function rememberOwn(text) {
  try {
    window.sessionStorage.setItem(OWN, text);
  } catch {
    // no storage, or a full one: after a reload the file is dropped in again
  }
}

// Tells Python what was kept, once for each time the app is loaded.
/** @type {(act: (action: { kind: string, [field: string]: unknown }) => void) => void} */
export function tellLessons(act) {
  if (told) return;
  told = true;
  let own = "";
  try {
    own = window.sessionStorage.getItem(OWN) ?? "";
  } catch {
    // nothing is kept
  }
  act({ kind: "lesson", do: "kept", kept: recall(), own });
}
