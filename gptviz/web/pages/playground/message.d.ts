// What the playground's message says, by the names of gptviz/views; the tables (probs, tail, entropy, effective, curve, kept) come
// beside it as arrays: a row for each temperature, or for each position.

import type { Header } from "../../types.d.ts";

export interface SoftmaxRow {
  id: number;
  label: string;
  bytes: string;
  logit: number;
}

export interface SoftmaxView {
  rows: SoftmaxRow[];
  temperatures: number[];
  vocab_size: number;
  others: number;
  names: string[];
  reading: string;
  python: string;
}

export interface Curves {
  ranks: number[];
  rank_reading: string;
  rank_python: string;
  entropy_reading: string;
  entropy_python: string;
}

export interface NucleusView {
  labels: string[];
  shares: number[];
  temperature: number;
  vocab_size: number;
  reading: string;
  python: string;
}

export interface Check {
  n: number;
  shown: number;
  shown_expected: number;
  all: number;
  all_expected: number;
}

/** Before the first roll only how many were asked for, and how many are the most. */
export interface RollsView {
  n: number;
  goal: number;
  most: number;
  checks: Check[];
  reading: string;
  python: string;
  counts?: number[];
  shares?: number[];
  others?: number;
  others_share?: number;
  distinct?: number;
  now?: Check;
  limit?: number;
  last?: { label: string; u: number };
}

export type PlaygroundControls = {
  temperature: number;
  top_p: number;
  seed: number;
};

/** Without a text there is none of the parts. */
export interface PlaygroundHeader extends Header {
  view: PlaygroundControls;
  soft?: SoftmaxView;
  curves?: Curves;
  nucleus?: NucleusView;
  roll?: RollsView;
}
