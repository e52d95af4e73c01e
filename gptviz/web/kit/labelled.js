// A file of the visitor's of texts and labels: the button that opens it, its name, and which of its columns are which.

import { createColumns } from "./columns.js";
import { el, setAttr, setText } from "./dom.js";
import { createUpload } from "./upload.js";

/** @import { Api } from "../types.d.ts" */
/** @import { Role } from "./columns.js" */
/** @typedef {{ file: string, columns: string[], roles: Role[] }} FileHeader */
/** @typedef {{ node: HTMLElement, update: (header: FileHeader, wished: boolean) => void }} Labelled */

/** @type {(api: Api<any>, words: { open: string, hint: string }) => Labelled} */
export function createLabelled(api, { open, hint }) {
  const upload = createUpload(api, {
    open,
    too_large: "tuning.too_large",
    unreadable: "tuning.unreadable",
    accept: ".csv,.tsv,.jsonl,.json,.ndjson,text/csv,application/json",
  });
  const name = el("span", { class: "source-name", "data-testid": "source-file" });
  const columns = createColumns(api);
  const words = el("p", { class: "hint", text: api.str(hint) });
  const node = el(
    "div",
    { class: "source" },
    el("div", { class: "source-row" }, name, upload.nodes),
    words,
    columns.node,
  );
  return {
    node,
    update: (header, wished) => {
      upload.next();
      setText(name, header.file);
      setAttr(node, "hidden", !wished);
      setAttr(words, "hidden", header.roles.length > 0);
      columns.show(header.columns, header.roles);
    },
  };
}
