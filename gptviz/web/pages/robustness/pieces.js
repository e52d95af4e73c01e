// A text in pieces, each marked by what it is: as it was, exchanged before, gone, come. Said to a reader by <del> and <ins>.

import { el } from "../../kit/dom.js";

/** @typedef {[text: string, mark: string]} Piece */

/** @type {(host: Element, pieces: Piece[]) => void} */
export function showPieces(host, pieces) {
  host.replaceChildren(
    ...pieces.flatMap(([text, mark]) => {
      if (mark === "same") return [text];
      const word = text.trim();
      const at = text.indexOf(word); // spaces are neither struck out nor coloured
      return [text.slice(0, at), marked(word, mark), text.slice(at + word.length)];
    }),
  );
}

/** @type {(text: string, mark: string) => HTMLElement} */
function marked(text, mark) {
  if (mark === "old") return el("del", { text });
  return mark === "new" ? el("ins", { text }) : el("span", { class: mark, text });
}
