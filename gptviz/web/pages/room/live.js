// What is new in the room: the same events that phones hear say when a new picture is worth asking for. And what this browser keeps
// of it: the teacher's token, so that a reload, or a second window beside the projected one, goes on with the room.

import { save } from "../../kit/menu.js";

/** @import { Page, Shown } from "./types.d.ts" */

const STORED = "gptviz-room-teacher";
const REST = 350; // ms between two pictures asked for

/** @type {(api: Page) => { follow: (picture: Shown) => void, stop: () => void }} */
export function createLive(api) {
  /** @type {EventSource | null} */
  let source = null;
  let heard = "";
  let timer = 0;
  let begun = false;

  // One look at a time, and one more where something has come meanwhile.
  const look = () => {
    clearTimeout(timer);
    timer = window.setTimeout(() => (api.pending("look") ? look() : api.act({ kind: "look" })), REST);
  };
  /** @param {string} id */
  const listen = (id) => {
    if (id === heard) return;
    source?.close();
    heard = id;
    source = id ? new EventSource("room/events?room=" + encodeURIComponent(id)) : null;
    for (const kind of ["state", "count", "lost"]) source?.addEventListener(kind, look);
  };
  return {
    follow: ({ header }) => {
      const { room, known, wish, votes } = header;
      const token = begun ? "" : stored();
      begun = true;
      if (!room && token) api.act({ kind: "resume", token, origin: baseOf() });
      else if (!room && wish && !api.pending("open") && !api.pending("resume"))
        api.act({ kind: "open", origin: baseOf() }); // by the button of another page
      if (room) store(room.token);
      else if (!known) store("");
      if (votes !== null) save("gptviz-votes.jsonl", "application/x-ndjson", votes);
      listen(room?.id ?? "");
    },
    stop: () => {
      clearTimeout(timer);
      source?.close();
    },
  };
}

// Where this server is, as this browser knows it: the page's own address without the page.
export function baseOf() {
  return location.origin + location.pathname.replace(/\/[^/]*$/, "");
}

function stored() {
  try {
    return localStorage.getItem(STORED) ?? "";
  } catch {
    return "";
  }
}

/** @param {string} token */
export function store(token) {
  try {
    if (token) localStorage.setItem(STORED, token);
    else localStorage.removeItem(STORED);
  } catch {
    // no storage: this session alone has the room
  }
}
