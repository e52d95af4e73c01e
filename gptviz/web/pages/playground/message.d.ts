// Made by `python -m gptviz.tools.message_types` from the page's panels and controls: not edited.

import type { Header } from "../../types.d.ts";

/** A token with a bar of its own. */
export interface SoftmaxRow {
  id: number;
  label: string;
  logit: number;
}

/** The bars; their heights are the arrays ``probs`` and ``tail``. */
export interface Soft {
  reading: string;
  python: string;
  rows: SoftmaxRow[];
  temperatures: number[];
  vocab_size: number;
  others: number;
  names: string[];
}

/** Two curves: probability by rank, entropy by temperature; the arrays ``curve``, ``entropy``, ``effective``. */
export interface Curves {
  ranks: number[];
  rank_reading: string;
  rank_python: string;
  entropy_reading: string;
  entropy_python: string;
}

/** The counts are the array ``kept``. */
export interface Nucleus {
  reading: string;
  python: string;
  labels: string[];
  shares: number[];
  temperature: number;
  vocab_size: number;
}

/** The distance after ``n`` rolls, and its mean over all series of so many; ``shown`` counts the others as one. */
export interface Check {
  n: number;
  shown: number;
  shown_expected: number;
  all: number;
  all_expected: number;
}

/** What was rolled last, and the uniform number it came from. */
export interface Last {
  label: string;
  u: number;
}

/** The die; what a roll shows is there from the first one on. */
export interface Roll {
  reading: string;
  python: string;
  counts?: number[];
  shares?: number[];
  others?: number;
  others_share?: number;
  now?: Check;
  limit?: number;
  last?: Last;
  n: number;
  goal: number;
  most: number;
  checks: Check[];
}

/** The controls. */
export type PlaygroundControls = {
  temperature: number;
  top_p: number;
  seed: number;
  start: string;
  chat: boolean;
  system: string;
};

/** All of the page's header. */
export interface PlaygroundHeader extends Omit<Header, "view"> {
  view: PlaygroundControls;
  soft?: Soft;
  curves?: Curves;
  nucleus?: Nucleus;
  roll?: Roll;
}
