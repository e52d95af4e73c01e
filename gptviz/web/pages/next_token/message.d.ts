// What the first screen's message says, by the names of gptviz/views; arrays (attention, mask, mosaic) come beside it.

import type { PathHeader } from "../../types.d.ts";

/** What every panel is told beside its numbers. */
export interface Told {
  reading: string;
  python: string;
}

export interface Piece {
  of: string;
  index: number;
  count: number;
}

export interface Chip {
  id: number;
  label: string;
  bytes: string;
  surprisal: number | null;
  prob: number | null;
  rank: number | null;
  path: boolean;
  piece: Piece | null;
}

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
}

/** Its numbers, those behind e^ are null where the key is masked. */
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
  sqrt_d: number;
  score: number | null;
  shift: number | null;
  exp: number | null;
  sum_exp: number | null;
  weight: number | null;
}

export interface MosaicView {
  n_layer: number;
  n_head: number;
  tile: number;
  block: number;
}

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

export interface Tail {
  count: number;
  p_model: number;
  p: number;
  kept: number;
}

export interface StageCount {
  name: string;
  kept: number;
}

export interface Segment {
  id: number;
  label: string;
  p: number;
  drawn: boolean;
}

export interface Drawn {
  id: number;
  label: string;
  p: number;
}

export interface Actual {
  id: number;
  label: string;
  p_model: number;
  rank: number;
}

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
}

export interface PathToken {
  node: number;
  label: string;
  how: string;
  forks: number;
  p?: number;
}

export interface PathBranch {
  node: number;
  text: string;
  length: number;
  active: boolean;
  logprob?: number;
}

export interface PathView {
  line: PathToken[];
  at: number;
  branches: PathBranch[];
  earlier: { text: string; count: number }[];
  full: boolean;
}

/** What is looked at, and how the next token is drawn; pos and key are null while they follow. */
export type Controls = {
  pos: number | null;
  layer: number;
  head: number;
  stage: string;
  key: number | null;
  temperature: number;
  top_k: number;
  top_p: number;
  seed: number;
} & Record<string, unknown>;

/** Beside path and text everything is missing while there is no text. */
export interface NextTokenHeader extends PathHeader {
  view: Controls;
  path: PathView;
  n_prompt: number;
  chips: Chip[];
  chips_reading?: string;
  chips_python?: string;
  attention?: AttentionView & Told;
  mask?: Told;
  cell?: CellView & Told;
  mosaic?: MosaicView & Told;
  distribution?: DistributionView & Told;
  space?: boolean;
}
