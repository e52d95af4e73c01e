// A file of the visitor's goes to Python in pieces, each once the one before has been taken: no message is longer than the socket
// takes. An action of kind `open` for each: name, text, at, last.

import { el, fmtNumber, setText } from "./dom.js";

/** @import { Api } from "../types.d.ts" */
/** @typedef {{ nodes: HTMLElement[], next: () => void }} Upload */

const MOST_NAME = 60; // characters of a file's name, its last

// A button that opens a file, and what is said where it cannot be read; `next` is to be called with each picture.
/** @type {(api: Api<any>, words: { open: string, too_large: string, unreadable: string, accept: string }) => Upload} */
export function createUpload(api, { open, too_large, unreadable, accept }) {
  /** @type {{ file: { name: string, text: string, at: number } | null }} */
  const state = { file: null };
  const said = el("p", { class: "note warn", role: "status", hidden: true, "data-testid": "file-said" });
  const tell = (/** @type {string} */ text) => {
    said.hidden = !text;
    setText(said, text);
  };
  const input = el("input", {
    type: "file",
    accept,
    class: "visually-hidden",
    tabindex: "-1",
    "data-testid": "file",
    "aria-label": api.str(open),
  });
  const next = () => {
    const { file } = state;
    if (!file || api.pending("open")) return;
    const { name, text, at } = file;
    const end = Math.min(text.length, at + api.bounds().piece);
    const last = end === text.length;
    if (last) state.file = null;
    else file.at = end;
    api.act({ kind: "open", name, text: text.slice(at, end), at, last });
  };
  input.addEventListener("change", async () => {
    const [file] = input.files ?? [];
    if (!file) return;
    const limit = api.bounds().file;
    tell("");
    if (file.size > 4 * limit) return tell(api.str(too_large, { limit: fmtNumber(limit) }));
    try {
      const text = await file.text();
      input.value = "";
      if (text.length > limit) return tell(api.str(too_large, { limit: fmtNumber(limit) }));
      state.file = { name: file.name.slice(-MOST_NAME), text, at: 0 };
      next();
    } catch {
      tell(api.str(unreadable));
    }
  });
  const button = el("button", {
    type: "button",
    class: "btn",
    text: api.str(open),
    "data-testid": "open-file",
    onclick: () => input.click(),
  });
  return { nodes: [button, input, said], next };
}
