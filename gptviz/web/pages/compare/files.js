// Saving a comparison, and opening a saved one. Python makes the files; the browser only hands them over.

import { el, fmtNumber, setText } from "../../kit/dom.js";
import { save } from "../../kit/menu.js";

/** @import { CompareHeader } from "./message.d.ts" */
/** @import { Page } from "./types.d.ts" */

const FILE_LIMIT = 8e6; // bytes
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
  if (file.size > FILE_LIMIT) {
    setText(
      state,
      api.str("compare.files.too_large", { size: fmtNumber(file.size / 1e6, 1), limit: FILE_LIMIT / 1e6 }),
    );
    return;
  }
  try {
    api.act({ kind: "open", text: await file.text() });
    close();
  } catch {
    setText(state, api.str("compare.files.unreadable"));
  }
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
