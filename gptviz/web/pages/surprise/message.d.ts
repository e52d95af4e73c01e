// Made by `python -m gptviz.tools.message_types` from the page's panels and controls: not edited.

import type { Header } from "../../types.d.ts";

/** Sums and means over the tokens that have a score; ``digits`` with which the bits are written, see ``digits``. */
export interface Totals {
  bits: number;
  digits: number;
  log10: number;
  logprob: number;
  loss: number;
  mean_bits: number;
  perplexity: number;
  bits_per_byte: number;
  one_in: string;
}

/** One text; its numbers are the arrays ``<side>.scores`` and ``<side>.expected``. */
export interface SurpriseView {
  labels: string[];
  token_ids: number[];
  bytes: string[];
  pieces: Record<number, [string, number, number]>;
  newlines: number[];
  special: number[];
  names: Record<number, string>;
  start: string | null;
  skipped: number;
  n_tokens: number;
  n_scored: number;
  n_bytes: number;
  totals: Totals | null;
  reading: string;
}

/** One text against the other; ``winner`` and ``per_byte_reading`` in words. */
export interface Versus {
  bits: number;
  per_byte: number;
  winner: string;
  reading: string;
  per_byte_reading: string;
}

/** How far reading one token at a time has come; the reading says how far it differs. */
export interface Checked {
  done: number;
  wanted: number;
  reading: string;
}

/** The controls. */
export type SurpriseControls = {
  other: string;
  colour: string;
  side: number;
  token: number;
  start: string;
  chat: boolean;
  system: string;
};

/** All of the page's header. */
export interface SurpriseHeader extends Omit<Header, "view"> {
  view: SurpriseControls;
  pairs: string[];
  sides: [SurpriseView | null, SurpriseView | null];
  token: number;
  versus: Versus | null;
  check: Checked | null;
  python: string;
}
