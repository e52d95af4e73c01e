// The terms of the glossary as they come with the interface's strings, and where they stand in a text. Nothing here touches the page.

/** @import { Strings } from "../types.d.ts" */
/** @typedef {{ key: string, name: string, words: string[], plain: string, exact: string, formula: string }} Term */
/** @typedef {{ key: string, start: number, end: number }} Found */

const GROUP = "term.";
const UNSPACED = "\\p{sc=Han}\\p{sc=Hiragana}\\p{sc=Katakana}\\p{sc=Thai}"; // scripts that set no spaces between words
const SPACED = new RegExp(`^[^${UNSPACED}]|[^${UNSPACED}]$`, "u");
const QUOTED = /[“‘「][^”’」]*[”’」]/gu; // what somebody typed, or the model said

// By key, in the order of the glossary.
/** @type {(strings: Strings) => Map<string, Term>} */
export function readTerms(strings) {
  /** @type {Map<string, Term>} */
  const terms = new Map();
  for (const [name, text] of Object.entries(strings)) {
    if (!name.startsWith(GROUP)) continue;
    const [key, field] = name.slice(GROUP.length).split(".");
    const term = terms.get(key) ?? { key, name: "", words: [], plain: "", exact: "", formula: "" };
    terms.set(key, { ...term, [field]: field === "words" ? text.split("\n") : text });
  }
  return terms;
}

// Gives a function that finds all terms in a text, the longest at each place, none within quotation marks.
/** @type {(terms: Map<string, Term>) => (text: string) => Found[]} */
export function createFinder(terms) {
  const keys = new Map([...terms.values()].flatMap(({ key, words }) => words.map((word) => [word.toLowerCase(), key])));
  const longest = [...keys.keys()].sort((a, b) => b.length - a.length);
  if (!longest.length) return () => [];
  const pattern = patternOf(longest);
  return (text) => {
    const quoted = [...text.matchAll(QUOTED)].map(({ index, 0: { length } }) => [index, index + length]);
    return [...text.matchAll(pattern)]
      .map(({ index, 0: word }) => ({
        key: keys.get(word.toLowerCase()) ?? "",
        start: index,
        end: index + word.length,
      }))
      .filter(({ key, start }) => key && !quoted.some(([from, to]) => from <= start && start < to));
  };
}

// A word stands alone: no letter before or after it that could belong to it. Where words are not set apart by spaces only one that is
// a single character has to. Given longest first.
/** @type {(words: string[]) => RegExp} */
function patternOf(words) {
  const spaced = words.filter((word) => SPACED.test(word));
  const unspaced = words.filter((word) => !SPACED.test(word));
  const parts = [
    alone(spaced, `(?![${UNSPACED}])[\\p{L}\\p{N}_]`),
    unspaced.filter((word) => [...word].length > 1).map(literal),
    alone(
      unspaced.filter((word) => [...word].length === 1),
      `[${UNSPACED}]`,
    ),
  ];
  return new RegExp(parts.flat().join("|"), "giu");
}

/** @type {(words: string[], letter: string) => string[]} */
function alone(words, letter) {
  return words.length ? [`(?<!${letter})(?:${words.map(literal).join("|")})(?!${letter})`] : [];
}

/** @type {(word: string) => string} */
function literal(word) {
  return word.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
}
