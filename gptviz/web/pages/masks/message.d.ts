// Made by `python -m gptviz.tools.message_types` from the page's panels and controls: not edited.

import type { Header } from "../../types.d.ts";

/** A text under one mask; where it may look is the array ``<kind>.allowed``, (T, T). */
export interface Column {
  reading: string;
  python: string;
  kind: string;
  ids: number[];
  labels: string[];
  waiting: boolean;
  mean: number | null;
  bits: (number | null)[];
  leak: (number | null)[];
  best: string;
  prob: number;
  leaks: number;
}

/** One bar; ``true``: it is what stood there. */
export interface Word {
  label: string;
  p: number;
  true: boolean;
}

/** What one model says of the blank; ``rest``: all other words together, and how many they are. */
export interface Guessed {
  model: string;
  words: Word[];
  rest: number;
  others: number;
  entropy: number;
  bits: number | null;
  rank: number | null;
}

/** A sentence with its blank; ``problem`` says why it cannot be filled, and then there are no guesses. */
export interface Filling {
  reading: string;
  python: string;
  problem: string;
  words: string[];
  at: number;
  typed: boolean;
  guesses: Guessed[];
}

/** A sentence to try, and which of its words is hidden. */
export interface Offered {
  sentence: string;
  word: number;
}

/** One bar: its name, its length from 0 to 1, its number. */
export interface Bar {
  name: string;
  share: number;
  number: string;
}

/** The claim looked at, and what speaks against it; ``waiting``: it is measured when somebody asks. */
export interface Claim {
  reading: string;
  python: string;
  name: string;
  waiting: boolean;
  before: boolean;
  ids: number[];
  bars: Bar[];
}

/** The controls. */
export type MasksControls = {
  prefix: number;
  claim: string;
  told: string;
  sentence: string;
  word: number | null;
  start: string;
  chat: boolean;
  system: string;
};

/** All of the page's header. */
export interface MasksHeader extends Omit<Header, "view"> {
  view: MasksControls;
  columns: Column[];
  filling: Filling;
  offered: Offered[];
  claims: string[];
  claim: Claim | null;
}
