// Made by `python -m gptviz.tools.message_types` from the page's panels and controls: not edited.

import type { Header } from "../../types.d.ts";

/** One token of the line. */
export interface PathToken {
  node: number;
  label: string;
  how: string;
  p: number | null;
  forks: number;
}

/** One branch of the tree. */
export interface PathBranch {
  node: number;
  text: string;
  length: number;
  active: boolean;
}

/** Another prompt that has a path. */
export interface Earlier {
  text: string;
  count: number;
}

/** The line of generated tokens, its branches, and other prompts that have one. */
export interface PathView {
  line: PathToken[];
  at: number;
  branches: PathBranch[];
  earlier: Earlier[];
  full: boolean;
  ended: boolean;
  python: string;
}

/** Where a token stands among those that together make one character (or a few). */
export interface Piece {
  of: string;
  index: number;
  count: number;
}

/** One token. ``surprisal``, ``prob`` and ``rank`` are None for the first, which nothing precedes. */
export interface Chip {
  id: number;
  label: string;
  bytes: string;
  surprisal: number | null;
  prob: number | null;
  rank: number | null;
  path: boolean;
  piece: Piece | null;
  special: boolean;
}

/** One head at one stage. */
export interface AttentionView {
  n_layer: number;
  n_head: number;
  head_dim: number;
  layer: number;
  head: number;
  stage: string;
  labels: string[];
  min: number;
  max: number;
  reading: string;
  python: string;
}

/** What every panel says of itself: its reading in words and the Python that makes it. */
export interface Told {
  reading: string;
  python: string;
}

/** How one weight comes about: ``weight = exp / sum_exp``, ``exp = e^(score − shift)``, ``score = dot / sqrt_d``. */
export interface CellView {
  layer: number;
  head: number;
  query: number;
  key: number;
  query_label: string;
  key_label: string;
  masked: boolean;
  head_dim: number;
  q: number[];
  k: number[];
  products: number[];
  dot: number;
  score: number;
  shift: number | null;
  exp: number | null;
  sum_exp: number | null;
  weight: number | null;
  reading: string;
  python: string;
}

/** Every head's pattern in steps of 1/255: the largest weight of each ``block`` × ``block`` cells; 0 if masked. */
export interface MosaicView {
  n_layer: number;
  n_head: number;
  tile: number;
  block: number;
  reading: string;
  python: string;
}

/** One bar. */
export interface Row {
  id: number;
  label: string;
  bytes: string;
  rank: number;
  p_model: number;
  p: number;
  cut: string | null;
  drawn: boolean;
  actual: boolean;
}

/** All tokens without a bar of their own. */
export interface Tail {
  count: number;
  p_model: number;
  p: number;
  kept: number;
}

/** How many tokens are in play after a stage. */
export interface StageCount {
  name: string;
  kept: number;
}

/** One stretch of the cumulative bar. */
export interface Segment {
  id: number;
  label: string;
  p: number;
  drawn: boolean;
}

/** The token that was drawn. */
export interface Drawn {
  id: number;
  label: string;
  p: number;
}

/** The token that really follows in the text. */
export interface Actual {
  id: number;
  label: string;
  p_model: number;
  rank: number;
}

/** What the model expects after position ``pos``; entropies in bits, ``effective`` = 2^entropy. */
export interface DistributionView {
  pos: number;
  last: boolean;
  vocab_size: number;
  entropy: number;
  effective: number;
  entropy_model: number;
  effective_model: number;
  kept: number;
  rows: Row[];
  tail: Tail;
  stages: StageCount[];
  segments: Segment[];
  rest: number;
  drawn_at: [number, number] | null;
  u: number | null;
  draw: Drawn | null;
  actual: Actual | null;
  reading: string;
  python: string;
}

/** The controls. */
export type NextTokenControls = {
  repetition_penalty: number;
  no_repeat_ngram_size: number;
  temperature: number;
  top_k: number;
  top_p: number;
  min_p: number;
  typical_p: number;
  eta_cutoff: number;
  pos: number | null;
  layer: number;
  head: number;
  stage: string;
  key: number | null;
  seed: number;
  start: string;
  chat: boolean;
  system: string;
};

/** All of the page's header. */
export interface NextTokenHeader extends Omit<Header, "view"> {
  view: NextTokenControls;
  path: PathView;
  chips?: Chip[];
  chips_reading?: string;
  chips_python?: string;
  attention?: AttentionView;
  mask?: Told;
  cell?: CellView;
  mosaic?: MosaicView;
  distribution?: DistributionView;
  space?: boolean;
}
