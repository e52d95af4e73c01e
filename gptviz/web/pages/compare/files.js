// Saving a comparison, and opening a saved one. Python makes the files; the browser only hands them over.

import { el, fmtNumber, setText } from "../../kit/dom.js";
import { save } from "../../kit/menu.js";

/** @import { CompareHeader } from "./message.d.ts" */
/** @import { Page } from "./types.d.ts" */

const FILE_FORMATS = ["json", "csv", "html"];

// The body of the dialog; close() shuts it.
/** @type {(api: Page, close: () => void) => HTMLElement} */
export function filesBody(api, close) {
  const state = el("p", { class: "hint", role: "status" });
  const input = el("input", {
    type: "file",
    accept: ".json,.html,application/json,text/html",
    class: "visually-hidden",
    "data-testid": "file",
    "aria-label": api.str("compare.files.open"),
  });
  input.addEventListener("change", () => readFile(input, state, api, close));
  /** @param {string} name @param {() => void} run */
  const entry = (name, run) =>
    el(
      "button",
      { type: "button", class: "btn file-entry", "data-testid": "file-" + name, onclick: run },
      el("b", { text: api.str("compare.files." + name) }),
      el("small", { text: api.str(`compare.files.${name}_hint`) }),
    );
  const saving = FILE_FORMATS.map((format) =>
    entry(format, () => {
      api.act({ kind: "export", format });
      close();
    }),
  );
  return el(
    "div",
    { class: "sheet-body" },
    saving,
    entry("open", () => input.click()),
    input,
    state,
  );
}

/** @type {(input: HTMLInputElement, state: HTMLElement, api: Page, close: () => void) => Promise<void>} */
async function readFile(input, state, api, close) {
  const [file] = input.files ?? [];
  if (!file) return;
  const limit = api.bounds().file;
  if (file.size > limit) {
    setText(state, api.str("compare.files.too_large", { size: fmtNumber(file.size / 1e6, 1), limit: limit / 1e6 }));
    return;
  }
  try {
    UPLOADS.set(api.root, { text: await file.text(), at: 0 });
    sendPiece(api);
    close();
  } catch {
    setText(state, api.str("compare.files.unreadable"));
  }
}

// A file goes to Python in pieces, each once the one before has been taken: no message is longer than the socket takes.
/** @type {WeakMap<HTMLElement, { text: string, at: number }>} */
const UPLOADS = new WeakMap();

/** @type {(api: Page) => void} */
export function sendPiece(api) {
  const upload = UPLOADS.get(api.root);
  if (!upload || api.pending("open")) return;
  const { text, at } = upload;
  const end = Math.min(text.length, at + api.bounds().piece);
  const last = end === text.length;
  if (last) UPLOADS.delete(api.root);
  else upload.at = end;
  api.act({ kind: "open", text: text.slice(at, end), at, last });
}

// Hands a file over once, and says so, so that Python can let go of it.
/** @type {(api: Page) => (header: CompareHeader) => void} */
export function createDownloads(api) {
  let last = 0;
  return ({ download }) => {
    if (!download || download.number === last) return;
    last = download.number;
    save(download.name, download.type, download.text);
    api.act({ kind: "saved", number: download.number });
  };
}
