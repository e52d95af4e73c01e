// Made by `python -m gptviz.tools.message_types` from the page's panels and controls: not edited.

import type { Header } from "../../types.d.ts";

/** One training of this visitor. */
export interface JobView {
  id: string;
  title: string;
  status: string;
  model: string;
}

/** Both runs of a pair, the one looked at first: what tells them apart, and where each stands. */
export interface Pair {
  names: string[];
  losses: string[];
  train: [number, number][];
  valid: [number, number][];
  state: string;
  lost: [number, string][];
  query: string;
}

/** What the model wrote, and how far it had come. */
export interface SampleView {
  step: number;
  text: string;
  phase: string;
  valid: boolean | null;
}

/** One head at a step; the array ``pattern`` (T, T): row ``i`` is what position ``i`` looks at. */
export interface Attention {
  reading: string;
  python: string;
  step: number;
  layer: number;
  head: number;
  labels: string[];
}

/** Positions compared two by two, the array ``alike`` (n, n) from −1 to 1. */
export interface Places {
  reading: string;
  python: string;
  scheme: string;
  step: number;
  places: number[];
}

/** One layer's update-to-weight ratio over the steps that were looked at. */
export interface Layer {
  name: string;
  points: [number, number][];
}

/** Step by step; ``counts``: gradients of the last step looked at, by powers of two from 2^``lowest`` on. */
export interface Dynamics {
  reading: string;
  python: string;
  rate: [number, number][];
  norm: [number, number][];
  clip: number;
  clipped: string;
  layers: Layer[];
  step: number;
  counts: number[];
  zeros: number;
  lowest: number;
  float16_zero: number;
  float16_normal: number;
  lost: string;
}

/** The controls. */
export type TrainingControls = {
  source: string;
  preset: string;
  n_layer: number;
  n_head: number;
  n_embd: number;
  block_size: number;
  position: string;
  parts: string;
  twin: string;
  dropout: number;
  letters: string;
  learnt: number;
  steps: number;
  batch_size: number;
  accumulate: number;
  learning_rate: number;
  warmup: number;
  schedule: string;
  optimizer: string;
  weight_decay: number;
  grad_clip: number;
  precision: string;
  recompute: boolean;
  patience: number;
  seconds: number;
  run_seed: number;
  log_x: boolean;
  log_y: boolean;
  from_step: number | null;
  to_step: number | null;
  layer: number | null;
  head: number | null;
};

/** All of the page's header. */
export interface TrainingHeader extends Omit<Header, "view"> {
  view: TrainingControls;
  presets: string[];
  sources: string[];
  cost: [string, string][];
  parts: [string, number][];
  problem: string;
  own: string;
  piece: number;
  text_bytes: number;
  text_learns: boolean;
  merges: [string, string][];
  setup_reading: string;
  setup_python: string;
  jobs: JobView[];
  job: string;
  owned: boolean;
  state: string;
  share: number;
  archive: string;
  train: [number, number][];
  valid: [number, number][];
  rate: [number, number][];
  grad_norm: [number, number][];
  levels: [string, string, number][];
  steps: number;
  first_step: number;
  last_step: number;
  closed: string;
  picture_cost: string;
  curve_reading: string;
  pair: Pair | null;
  foreseen: [string, string, number][];
  foreseen_said: string;
  documents: string[];
  samples: SampleView[];
  heads: number[][];
  heads_step: number;
  best: [number, number][];
  samples_reading: string;
  heads_reading: string;
  read: string;
  rows: [string, number][];
  others: number;
  answer_step: number;
  bits: number;
  next_reading: string;
  next_python: string;
  attention: Attention | null;
  places: Places | null;
  dynamics: Dynamics | null;
}
