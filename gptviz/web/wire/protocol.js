// What goes over the wire. Python sends one picture (a JSON header and raw arrays); the browser answers with one state value:
// the text, the view and the queue of actions not yet acknowledged. Newest wins for text and view; no action is lost or done twice.

/** @import { Action, Answer, Blob, BlobEntry, Client, Follows, Header, Message, View } from "../types.d.ts" */
/** @typedef {Pick<typeof globalThis, "performance" | "setTimeout" | "clearTimeout">} Clock */
/** @typedef {ReturnType<typeof firstState>} State */

const VIEW_INTERVAL = 60;
const RESEND_AFTER = 4000;
const RESEND_AT_MOST = 30000;
const SENT_TEXTS_KEPT = 64;
const QUIET = ["more", "restore", "exact"]; // actions that move nobody away from what is looked at

// bytes: u32 LE length N, N bytes of UTF-8 JSON, padding to 4, arrays. Gives { header, blob(name) }; blob gives a typed array.
/** @type {(bytes: Uint8Array) => Message} */
export function unpack(bytes) {
  const length = new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0, true);
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(4, 4 + length)));
  const area = 4 + Math.ceil(length / 4) * 4;
  const views = new Map();
  /** @param {string} name */
  const blob = (name) => {
    if (!views.has(name)) views.set(name, header.blobs?.[name] ? typedView(bytes, area, header.blobs[name]) : null);
    return views.get(name);
  };
  return { header, blob };
}

/** @type {(bytes: Uint8Array, area: number, entry: BlobEntry) => Blob} */
function typedView(bytes, area, entry) {
  const start = bytes.byteOffset + area + entry.offset;
  if (entry.dtype === "u8") return new Uint8Array(bytes.buffer, start, entry.length);
  const Kind = { f32: Float32Array, u16: Uint16Array }[entry.dtype];
  if (!Kind) throw new Error("unknown array type " + entry.dtype);
  const size = Kind.BYTES_PER_ELEMENT;
  // A view of numbers of 4 bytes must start at a multiple of 4 of the whole buffer, which the transport does not promise.
  const buffer = /** @type {ArrayBuffer} */ (bytes.buffer);
  if (start % size === 0) return new Kind(buffer, start, entry.length / size);
  return new Kind(buffer.slice(start, start + entry.length));
}

/** @param {(answer: Answer) => void} send @param {Clock} clock @param {Follows} follows */
function firstState(send, clock, follows) {
  return {
    send,
    clock,
    follows,
    names: Object.keys(follows),
    n: 0,
    q: 0,
    answered: 0,
    /** @type {number | null} */
    rev: null,
    text: "",
    /** @type {(Action & { q: number })[]} */
    queue: [],
    mostQueued: Number.POSITIVE_INFINITY,
    acked: 0,
    /** @type {Record<string, number>} */
    beyond: {},
    /** @type {Map<number, string>} */
    sentTexts: new Map(),
    /** @type {View} */
    wanted: letGo(Object.keys(follows)),
    /** @type {View} what Python was last told of each control, or told us */
    said: letGo(Object.keys(follows)),
    /** @type {Record<string, number>} the message in which each control was last given its value here */
    since: {},
    /** @type {View} */
    effective: {},
    /** @type {Set<string>} */
    picked: new Set(),
    debounce: 60,
    maxWait: 250,
    firstKey: 0,
    lastSent: 0,
    textTimer: 0,
    viewTimer: 0,
    resendTimer: 0,
    patience: RESEND_AFTER,
  };
}

// The browser's side of the conversation. `send` carries a message to Python; `clock` is replaced in tests. `follows` names the
// controls that follow what is drawn while nobody holds them (null): the first the end of the text, the next ones those before them.
/** @type {(send: (answer: Answer) => void, clock?: Clock, follows?: Follows) => Client} */
export function createClient(send, clock = globalThis, follows = {}) {
  const state = firstState(send, clock, follows);
  return {
    receive: (header) => receivePicture(state, header),
    setText: (text) => changeText(state, text),
    setView: (patch) => changeView(state, patch),
    setBeyond: (name, count) => changeBeyond(state, name, count),
    act: (action) => queueAction(state, action),
    flush: () => flushMessage(state),
    text: () => state.text,
    // What the controls show; one that follows is null until somebody holds it.
    view: () => ({ ...state.effective, ...dropNulls(state.wanted), ...heldOf(state) }),
    pending: (kind) => state.queue.filter((action) => !kind || action.kind === kind).length,
    // Whether something said has not been answered yet: what is drawn is of an earlier wish.
    waiting: () => state.answered < state.n || state.textTimer !== 0 || state.viewTimer !== 0,
    stop: () => stopTimers(state),
  };
}

// Takes the conversation's part of a picture's header. Gives the text to put into the box, or null where the box stays as it is.
/** @type {(state: State, header: Header) => string | null} */
function receivePicture(state, header) {
  const first = state.rev === null;
  state.debounce = header.debounce_ms;
  state.maxWait = header.max_wait_ms;
  state.effective = header.view;
  if (first) {
    state.n = Math.max(state.n, header.echo || 0); // an earlier life of this component has counted so far
    state.q = Math.max(state.q, header.acked || 0);
  }
  state.answered = Math.max(state.answered, header.echo || 0);
  const acked = header.acked || 0;
  state.queue = state.queue.filter((action) => action.q > acked);
  if (header.bounds) state.mostQueued = header.bounds.queue;
  if (header.echo >= state.n) restResend(state);
  // Python does so much at a time: what is left it is told again
  const left = header.echo >= state.n && state.queue.length > 0 && acked > state.acked;
  state.acked = acked;
  const text = adoptPicture(state, header, first);
  if (left) flushMessage(state);
  return text;
}

/** @type {(state: State, header: Header, first: boolean) => string | null} */
function adoptPicture(state, header, first) {
  if (header.rev !== state.rev) return adoptRevision(state, header, first);
  if (header.echo === state.n && !state.viewTimer && !state.textTimer) adoptView(state, header);
  return null;
}

/** @type {(state: State, header: Header, first: boolean) => string | null} */
function adoptRevision(state, header, first) {
  state.rev = header.rev;
  adoptView(state, header);
  for (const name of state.names) state.said[name] = state.wanted[name] = header.view[name];
  const [end] = state.names;
  if (end && header.view[end] === header.ids.length - 1) state.said[end] = state.wanted[end] = null;
  state.picked.clear();
  // Where Python only hands our own older text back (a model was switched while someone typed), what was typed since stays.
  const ours = !first && state.sentTexts.get(header.echo) === header.text;
  if (ours) return null;
  state.clock.clearTimeout(state.textTimer);
  state.textTimer = 0;
  state.text = header.text;
  return header.text;
}

// Controls take what Python made of the wish (clamped, defaults filled in); what was changed since goes on being wished, and what
// follows goes on following.
/** @type {(state: State, header: Header) => void} */
function adoptView(state, { view, echo }) {
  const { wanted, said, since } = state;
  const following = state.names.filter((name) => wanted[name] === null);
  /** @param {string} name */
  const changed = (name) => name in wanted && (wanted[name] !== said[name] || (since[name] ?? 0) > echo);
  const kept = Object.keys(view).filter((name) => changed(name) && !state.names.includes(name));
  state.said = { ...view, ...pick(said, kept), ...letGo(following) };
  state.wanted = { ...view, ...pick(wanted, kept), ...letGo(following) };
}

/** @type {(state: State, text: string) => void} */
function changeText(state, text) {
  if (text === state.text) return;
  state.text = text;
  state.queue = []; // what was asked of the text before has either been done or is meant for a text that is gone
  followAgain(state);
  flushAfterPause(state);
}

/** @type {(state: State, name: string, count: number) => void} */
function changeBeyond(state, name, count) {
  if ((state.beyond[name] ?? 0) === count) return;
  state.beyond[name] = count;
  flushAfterPause(state);
}

/** @type {(state: State) => void} */
function flushAfterPause(state) {
  const now = state.clock.performance.now();
  if (!state.textTimer) state.firstKey = now;
  state.clock.clearTimeout(state.textTimer);
  const wait = Math.max(0, Math.min(state.debounce, state.firstKey + state.maxWait - now));
  state.textTimer = state.clock.setTimeout(() => flushMessage(state), wait);
}

/** @type {(state: State, patch: View) => void} */
function changeView(state, patch) {
  state.names.forEach((name, place) => changeFollower(state, patch, name, state.names.slice(0, place)));
  Object.assign(state.wanted, patch);
  if (state.viewTimer) return;
  const wait = Math.max(0, state.lastSent + VIEW_INTERVAL - state.clock.performance.now());
  if (wait === 0) flushMessage(state);
  else state.viewTimer = state.clock.setTimeout(() => flushMessage(state), wait);
}

// What follows is picked by hand, or let go: when one before it moves, or, unless it was picked, one that it goes with.
/** @type {(state: State, patch: View, name: string, before: string[]) => void} */
function changeFollower(state, patch, name, before) {
  /** @param {readonly string[]} names */
  const moves = (names) => names.some((other) => other in patch);
  if (name in patch && patch[name] !== null) state.picked.add(name);
  else if (name in patch) state.picked.delete(name);
  else if (moves(before) || (moves(state.follows[name] ?? []) && !state.picked.has(name))) state.wanted[name] = null;
}

/** @type {(state: State, action: Action) => void} */
function queueAction(state, action) {
  if (state.queue.length >= state.mostQueued) return; // nobody has answered for so long
  if (!QUIET.includes(action.kind)) followAgain(state);
  state.q += 1;
  state.queue.push({ q: state.q, ...action });
  flushMessage(state);
}

/** @type {(state: State) => void} */
function followAgain(state) {
  Object.assign(state.wanted, letGo(state.names));
  state.picked.clear();
}

/** @type {(state: State) => void} */
function flushMessage(state) {
  stopTimers(state);
  state.n += 1;
  noteChanges(state);
  state.lastSent = state.clock.performance.now();
  state.sentTexts.set(state.n, state.text);
  state.sentTexts.delete(state.n - SENT_TEXTS_KEPT);
  state.send({
    n: state.n,
    text: state.text,
    view: { ...state.wanted },
    since: { ...state.since },
    queue: state.queue.map((action) => ({ ...action })),
    ...(Object.values(state.beyond).some(Boolean) && { beyond: { ...state.beyond } }),
  });
  state.resendTimer = state.clock.setTimeout(() => {
    state.patience = Math.min(2 * state.patience, RESEND_AT_MOST);
    flushMessage(state);
  }, state.patience);
}

// Each control says since which message it is as it is: Python, which may have set it meanwhile, goes by that.
/** @type {(state: State) => void} */
function noteChanges(state) {
  for (const [name, value] of Object.entries(state.wanted)) if (value !== state.said[name]) state.since[name] = state.n;
  state.said = { ...state.wanted };
}

/** @type {(state: State) => void} */
function restResend(state) {
  state.clock.clearTimeout(state.resendTimer);
  state.resendTimer = 0;
  state.patience = RESEND_AFTER;
}

/** @type {(state: State) => void} */
function stopTimers(state) {
  for (const name of /** @type {const} */ (["textTimer", "viewTimer", "resendTimer"])) {
    state.clock.clearTimeout(state[name]);
    state[name] = 0;
  }
}

/** @type {(names: readonly string[]) => View} */
function letGo(names) {
  return Object.fromEntries(names.map((name) => [name, null]));
}

/** @type {(state: State) => View} */
function heldOf({ names, wanted }) {
  return pick(wanted, names);
}

/** @type {(view: View, names: readonly string[]) => View} */
function pick(view, names) {
  return Object.fromEntries(names.map((name) => [name, view[name]]));
}

/** @type {(view: View) => View} */
function dropNulls(view) {
  return Object.fromEntries(Object.entries(view).filter(([, value]) => value !== null && value !== undefined));
}
