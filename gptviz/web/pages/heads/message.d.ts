// Made by `python -m gptviz.tools.message_types` from the page's panels and controls: not edited.

import type { Header } from "../../types.d.ts";

/** Rows of (token, label, probability before, after); bits per token, None where no token has a score. */
export interface Changed {
  rows: [number, string, number, number][];
  others: number;
  others_before: number;
  others_after: number;
  bits_before: number | null;
  bits_after: number | null;
  reading: string;
}

/** What textbooks say of a kind of head, and what was found here. */
export interface Claim {
  said: string;
  found: string;
}

/** The controls. */
export type HeadsControls = {
  score: string;
  layer: number;
  head: number;
  test: boolean;
  mode: string;
  start: string;
  chat: boolean;
  system: string;
};

/** All of the page's header. */
export interface HeadsHeader extends Omit<Header, "view"> {
  view: HeadsControls;
  names: string[];
  thresholds: number[];
  n_layer: number;
  n_head: number;
  heads: (number | null)[];
  done: number;
  wanted: number;
  scores_reading: string;
  scores_python: string;
  tested: Changed | null;
  test_python: string;
  claims: Claim[];
}
