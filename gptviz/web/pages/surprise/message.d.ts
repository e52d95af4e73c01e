// What the surprise page's message says; a row of numbers for each token (a.scores, b.scores) and its first choices (a.expected,
// b.expected) come beside it as arrays.

import type { Header } from "../../types.d.ts";

export interface Totals {
  bits: number;
  log10: number;
  logprob: number;
  loss: number;
  mean_bits: number;
  perplexity: number;
  bits_per_byte: number;
  one_in: string;
}

/** One text; `pieces` by position: [character, index, count]; `names` by id. */
export interface SurpriseView {
  labels: string[];
  token_ids: number[];
  bytes: string[];
  pieces: Record<number, [string, number, number]>;
  newlines: number[];
  names: Record<number, string>;
  start: string | null;
  skipped: number;
  n_tokens: number;
  n_scored: number;
  n_bytes: number;
  totals: Totals | null;
  reading: string;
}

export interface Versus {
  bits: number;
  log10_odds: number;
  per_byte: number;
  winner: string;
  times: string;
  reading: string;
  per_byte_reading: string;
}

export interface Check {
  done: number;
  wanted: number;
  difference: number;
  reading: string;
}

/** The numbers of one token. */
export interface Score {
  p: number;
  bits: number;
  nats: number;
  rank: number;
  entropy: number;
}

export type SurpriseControls = {
  other: string;
  colour: string;
  side: number;
  token: number;
};

export interface SurpriseHeader extends Header {
  view: SurpriseControls;
  pairs: string[];
  sides: [SurpriseView | null, SurpriseView | null];
  token: number;
  versus: Versus | null;
  check: Check | null;
  python: string;
  limit: number;
}
