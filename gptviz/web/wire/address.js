// The address in the browser follows the picture, so that a reload, a bookmark and a second tab bring back what is on the screen; and
// each page is remembered by its tab, for when neither the address nor Python knows it any more.

/** @import { Action, Header } from "../types.d.ts" */
/**
 * @typedef {object} Owner what the address is of
 * @property {{ isConnected: boolean }} root
 * @property {readonly string[]} ofText parameters of the link that mean nothing beside another text
 * @property {() => string} text in the box
 * @property {(kind: string) => number} pending
 * @property {(action: Action) => void} act
 */
/**
 * @typedef {object} Address
 * @property {(header: Header) => void} begin takes the first picture's header: asks for what is remembered
 * @property {(header: Header) => void} follow takes every picture's header, once it is drawn
 * @property {() => void} stop
 */
/** @typedef {{ owner: Owner, window: Window, path: string, header: Header | null, timer: number, begun: boolean }} State */

const REST = 400; // ms; browsers refuse more than about a hundred changes of the address in half a minute
const LONGEST_QUERY = 6000; // characters that servers and proxies take; a fragment is never sent to them
const FRAGMENT = "#s=";
const SEEN = "gptviz:"; // what a tab saw of a page last
const UNSENT = "gptviz-unsent:"; // what was typed there and not shown yet
const KEPT = ["embed", "embed_options"]; // Streamlit's own, which no link of ours names

/** @type {(owner: Owner, window?: Window) => Address} */
export function createAddress(owner, window = globalThis.window) {
  /** @type {State} */
  const state = { owner, window, path: window.location.pathname, header: null, timer: 0, begun: false };
  const flush = () => writeNow(state);
  const hide = () => window.document.visibilityState === "hidden" && flush();
  const leave = () => keepUnsent(state);
  window.addEventListener("pagehide", leave);
  window.document.addEventListener("visibilitychange", hide);
  return {
    begin: (header) => askForRemembered(state, header),
    follow: (header) => {
      state.header = header;
      window.clearTimeout(state.timer);
      state.timer = window.setTimeout(flush, REST);
    },
    stop: () => {
      window.clearTimeout(state.timer);
      window.removeEventListener("pagehide", leave);
      window.document.removeEventListener("visibilitychange", hide);
      if (state.timer && isSettled(state)) remember(state, linkNow(state)); // the address is the next page's by now
    },
  };
}

// What was typed just before a reload comes back first. A link too long for a query stands behind the hash, where only the browser
// sees it. Where Python made the page from nothing, what this tab saw of it last is asked for.
/** @type {(state: State, header: Header) => void} */
function askForRemembered(state, header) {
  if (state.begun) return;
  state.begun = true;
  const { hash } = state.window.location;
  const own = takeUnsent(state, header) ?? (hash.startsWith(FRAGMENT) ? hash.slice(FRAGMENT.length) : null);
  const query = own ?? (header.fresh ? recall(state, header) : null);
  // what this tab saw long ago gives way to the text that its visitor brings from another page
  if (query) state.owner.act({ kind: "restore", query, text: own !== null });
}

/** @type {(state: State) => void} */
function writeNow(state) {
  state.window.clearTimeout(state.timer);
  state.timer = 0;
  if (!isHere(state) || !isSettled(state)) return;
  const link = linkNow(state);
  remember(state, link);
  if (!link) return;
  const { history, location } = state.window;
  const own = ownParameters(state);
  const address =
    link.length <= LONGEST_QUERY
      ? "?" + [link, own].filter(Boolean).join("&")
      : location.pathname + (own && "?" + own) + FRAGMENT + link;
  try {
    history.replaceState(history.state, "", address);
  } catch {
    // refused, for there were too many: the next picture tries again
  }
}

// A reload goes to the address as it was when it began, whatever is written into it now: what is not in it yet is kept apart, for that
// address only.
/** @type {(state: State) => void} */
function keepUnsent(state) {
  const { header, owner, window } = state;
  const before = window.location.href;
  const ahead = state.timer !== 0 || owner.text() !== header?.text; // of the address
  if (header?.page && ahead && isHere(state) && isSettled(state))
    store(window, UNSENT + header.page, before + "\n" + linkNow(state));
  writeNow(state);
}

/** @type {(state: State, header: Header) => string | null} */
function takeUnsent({ window }, { page }) {
  const kept = page ? stored(window, UNSENT + page) : null;
  if (!kept) return null;
  store(window, UNSENT + page, null);
  const [before, link] = kept.split("\n");
  return before === window.location.href ? (link ?? null) : null;
}

// A page that is being left still stands there for a moment, below the address of the next.
/** @type {(state: State) => boolean} */
function isHere({ owner, path, window }) {
  return owner.root.isConnected && window.location.pathname === path;
}

// Whether the picture at hand is the page's own: not that of the moment before what is remembered comes back.
/** @type {(state: State) => boolean} */
function isSettled({ owner, header }) {
  return header !== null && owner.pending("restore") === 0;
}

// The picture's link; where the text in the box is newer, with that text, and without what was said of the older one.
/** @type {(state: State) => string} */
function linkNow({ owner, header }) {
  const { link = "", text = "" } = header ?? {};
  const typed = owner.text();
  if (typed === text) return link;
  const written = new URLSearchParams({ p: typed }).toString();
  return link
    .split("&")
    .filter((part) => !owner.ofText.includes(part.split("=", 1)[0]))
    .map((part) => (part.startsWith("p=") ? written : part))
    .join("&");
}

/** @type {(state: State) => string} */
function ownParameters({ window }) {
  const found = [...new URLSearchParams(window.location.search)].filter(([name]) => KEPT.includes(name));
  return new URLSearchParams(found).toString();
}

/** @type {(state: State, link: string) => void} */
function remember({ header, window }, link) {
  if (header?.page) store(window, SEEN + header.page, link);
}

/** @type {(state: State, header: Header) => string | null} */
function recall({ window }, header) {
  return header.page ? stored(window, SEEN + header.page) : null;
}

/** @type {(window: Window, key: string, value: string | null) => void} */
function store(window, key, value) {
  try {
    if (value === null) window.sessionStorage.removeItem(key);
    else window.sessionStorage.setItem(key, value);
  } catch {
    // no storage, or a full one: the address alone remembers
  }
}

/** @type {(window: Window, key: string) => string | null} */
function stored(window, key) {
  try {
    return window.sessionStorage.getItem(key);
  } catch {
    return null;
  }
}
