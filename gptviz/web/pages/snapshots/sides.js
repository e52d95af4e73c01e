// What a panel shows of one run or of two: the same part made twice, side by side, A and B. The second is there only while another
// run stands beside the first.

import { el, setAttr, setClass } from "../../kit/dom.js";

/** @import { Drawn, Page } from "./types.d.ts" */
/** @typedef {{ reading: string, python: string }} Told */

export const LETTERS = /** @type {const} */ (["A", "B"]);

/**
 * @template T
 * @typedef {{ node: HTMLElement, show: (told: T, drawn: Drawn) => void }} Part of one run
 */

/**
 * @template T
 * @typedef {object} Sides
 * @property {HTMLElement} node
 * @property {(told: (T | null)[], drawn: Drawn) => void} show
 */

// The letter of a run, as it stands at its line, its numbers and its part of each panel.
/** @type {(place: number) => HTMLElement} */
export function createLetter(place) {
  return el("b", { class: `side-letter ${LETTERS[place].toLowerCase()}`, text: LETTERS[place] });
}

/**
 * @template T
 * @param {string} name of the class of the two together
 * @param {(place: number) => Part<T>} create
 * @returns {Sides<T>}
 */
export function createSides(name, create) {
  const parts = LETTERS.map((letter, place) => {
    const [tag, part] = [createLetter(place), create(place)];
    const node = el("div", { class: `side ${letter.toLowerCase()}` }, tag, part.node);
    return { node, tag, part };
  });
  const [first, second] = parts;
  const node = el("div", { class: `sides ${name}` }, first.node);
  return {
    node,
    show: (told, drawn) => {
      const two = Boolean(drawn.header.beside);
      setClass(node, "two", two);
      if (!two) second.node.remove();
      else if (!second.node.isConnected) node.append(second.node);
      parts.forEach(({ node, tag, part }, place) => {
        const own = told[place] ?? null;
        setAttr(tag, "hidden", !two);
        setAttr(node, "hidden", own === null || (place > 0 && !two));
        if (own !== null) part.show(own, drawn);
      });
    },
  };
}

// Whether there is something of either run.
/** @type {(told: unknown[]) => boolean} */
export function isThere(told) {
  return told.some((one) => one !== null && one !== undefined);
}

// Both readings in one, each with its run's letter.
/** @type {(told: (Told | null | undefined)[]) => string} */
export function readingOf(told) {
  const said = told.map((one) => one?.reading ?? "");
  return said[1] ? `A: ${said[0]}\nB: ${said[1]}` : said[0];
}

/** @type {(told: (Told | null | undefined)[]) => string | undefined} */
export function pythonOf(told) {
  const said = told.flatMap((one) => (one ? [one.python] : []));
  return said.length > 1 ? said.map((code, i) => `# ${LETTERS[i]}\n${code}`).join("\n\n") : said[0];
}

/** @typedef {(string | number)[]} Row */

// The rows of both; with two runs, each row begins with its run's letter.
/** @type {(api: Page, columns: string[], rows: (Row[] | null)[]) => { columns: string[], rows: Row[] }} */
export function tableOf(api, columns, [one, other]) {
  if (!other) return { columns, rows: one ?? [] };
  const said = [one ?? [], other].flatMap((rows, i) => rows.map((row) => /** @type {Row} */ ([LETTERS[i], ...row])));
  return { columns: [api.str("snapshots.column.run"), ...columns], rows: said };
}
