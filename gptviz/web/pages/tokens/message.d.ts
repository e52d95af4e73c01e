// Made by `python -m gptviz.tools.message_types` from the page's panels and controls: not edited.

import type { Header } from "../../types.d.ts";

/** Bytes ``start:stop``, cut off before anything is merged. */
export interface PieceOfText {
  start: number;
  stop: number;
  label: string;
  added: boolean;
}

/** The film; its numbers are the arrays ``first`` and ``joins``. */
export interface FilmSaid {
  kind: string;
  n_bytes: number;
  pieces: PieceOfText[];
  first_labels: string[];
  join_labels: string[];
  token_ids: number[];
  first_pos: number | null;
  reading: string;
  python: string;
}

/** The text in one vocabulary; None where it cannot read the text. */
export interface VocabularyRow {
  name: string;
  title: string;
  vocab_size: number;
  tokens: number | null;
  per_character: number | null;
  per_token: number | null;
  chips: string[];
  more: number;
}

/** One sentence in one language; ``tokens`` in the model's vocabulary, in the other, in bytes, in characters. */
export interface LanguageRow {
  language: string;
  code: string;
  text: string;
  tokens: (number | null)[];
  times: number | null;
  times_other: number | null;
}

/** The same text, and the same sentence, in several vocabularies. */
export interface Costs {
  rows: VocabularyRow[];
  languages: LanguageRow[];
  offered: string[];
  reading: string;
  python: string;
}

/** One character typed: tokens that went, and those in their stead. */
export interface KeystrokeSaid {
  character: string;
  kept: number;
  lost: string[];
  made: string[];
  change: string;
}

/** The last characters, one after the other. */
export interface Letters {
  rows: KeystrokeSaid[];
  reading: string;
  python: string;
}

/** One token of the vocabulary. */
export interface Entry {
  id: number;
  label: string;
  bytes: string;
  script: string;
  here: boolean;
  pos: number | null;
}

/** Some tokens of the vocabulary: those that match, or those from an id on. */
export interface Browser {
  rows: Entry[];
  vocab_size: number;
  reading: string;
  python: string;
}

/** The controls. */
export type TokensControls = {
  pos: number | null;
  step: number;
  other: string;
  find: string;
  at: number;
  start: string;
  chat: boolean;
  system: string;
};

/** All of the page's header. */
export interface TokensHeader extends Omit<Header, "view"> {
  view: TokensControls;
  presets: string[];
  film: FilmSaid | null;
  costs: Costs;
  letters: Letters;
  browser: Browser;
}
