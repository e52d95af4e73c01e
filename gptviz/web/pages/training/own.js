// A text of one's own to learn from: pasted, or a file. It goes to Python in pieces, each once the one before has been taken.

import { el, fmtPercent, setAttr, setText } from "../../kit/dom.js";

/** @import { Page } from "./types.d.ts" */
/** @import { TrainingHeader } from "./message.d.ts" */
/** @typedef {{ bytes: Uint8Array, at: number, name: string, whole: number }} Upload */

/** @type {WeakMap<HTMLElement, Upload>} */
const UPLOADS = new WeakMap();
const LONGEST_NAME = 64; // of a file: no longer word is taken
const AT_ONCE = 0x8000; // bytes that are made characters in one call: a call has only so many arguments

/** @type {(api: Page) => { node: HTMLElement, update: (header: TrainingHeader) => void }} */
export function createOwn(api) {
  /** @type {{ header: TrainingHeader | null }} */
  const state = { header: null };
  const area = el("textarea", {
    rows: 3,
    spellcheck: "false",
    autocomplete: "off",
    "data-testid": "own-text",
    "aria-label": api.str("training.paste"),
    placeholder: api.str("training.paste"),
  });
  area.addEventListener("keydown", (event) => event.key !== "Escape" && event.stopPropagation());
  const file = el("input", {
    type: "file",
    class: "visually-hidden",
    tabindex: "-1",
    "data-testid": "own-file",
    "aria-label": api.str("training.open_text"),
  });
  const said = el("p", { class: "hint", role: "status", "data-testid": "own-said" });
  /** @type {(name: string, data: Blob) => Promise<void>} */
  const take = async (name, data) => {
    try {
      const bytes = new Uint8Array(await data.slice(0, state.header?.text_bytes ?? 0).arrayBuffer());
      UPLOADS.set(api.root, { bytes, at: 0, name: name.slice(0, LONGEST_NAME), whole: data.size });
      sendPiece(api, state.header);
    } catch {
      setText(said, api.str("training.unreadable"));
    }
  };
  file.addEventListener("change", () => {
    const [chosen] = file.files ?? [];
    if (chosen) take(chosen.name, chosen);
    file.value = ""; // the same file can be chosen again
  });
  const paste = el("button", {
    type: "button",
    class: "btn",
    "data-testid": "own-take",
    text: api.str("training.take"),
    onclick: () => area.value && take("", new Blob([area.value])),
  });
  const open = el("button", {
    type: "button",
    class: "btn",
    text: api.str("training.open_text"),
    onclick: () => file.click(),
  });
  const node = el("div", { class: "own" }, area, el("div", { class: "acts" }, paste, open, file), said);
  return {
    node,
    update: (header) => {
      state.header = header;
      setAttr(node, "hidden", api.view().source !== "own");
      const upload = UPLOADS.get(api.root);
      const waits = header.own || api.str("training.own_none", { most: header.text_bytes / 1e6 });
      setText(said, upload ? sending(upload, api) : waits);
    },
  };
}

/** @type {(upload: Upload, api: Page) => string} */
function sending({ name, at, bytes }, api) {
  return api.str("training.sending", {
    name: name || api.str("training.pasted"),
    share: fmtPercent(at / Math.max(1, bytes.length)),
  });
}

// The next piece, where one waits; after a mistake, which Python has said in a sentence, none.
/** @type {(api: Page, header: TrainingHeader | null) => void} */
export function sendPiece(api, header) {
  const upload = UPLOADS.get(api.root);
  if (!upload || !header || api.pending("text")) return;
  const { bytes, at, name, whole } = upload;
  if (at > 0 && header.notes.some(({ level }) => level === "error")) {
    UPLOADS.delete(api.root);
    return;
  }
  const end = Math.min(bytes.length, at + 3 * Math.floor(header.piece / 4));
  const last = end === bytes.length;
  if (last) UPLOADS.delete(api.root);
  else upload.at = end;
  api.act({ kind: "text", data: base64(bytes.subarray(at, end)), at, last, name, whole });
}

/** @type {(bytes: Uint8Array) => string} */
function base64(bytes) {
  const parts = [];
  for (let at = 0; at < bytes.length; at += AT_ONCE)
    parts.push(String.fromCharCode(...bytes.subarray(at, at + AT_ONCE)));
  return btoa(parts.join(""));
}
