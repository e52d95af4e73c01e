// Made by `python -m gptviz.tools.message_types` from the page's panels and controls: not edited.

import type { Header } from "../../types.d.ts";

/** What may be asked for, from the least to the most. */
export interface Limits {
  n: [number, number];
  columns: [number, number];
}

/** A set of strategies with a name. */
export interface Preset {
  key: string;
  title: string;
  hint: string;
}

/** What a form asks for: a number, or one of a few values. */
export interface Form {
  name: string;
  low: number;
  high: number;
  step: number;
  off: number | null;
  start: number;
  kind: string;
  choices: (number | string | boolean | null)[];
  optional: boolean;
}

/** What a strategy can be set to. */
export interface StrategyForm {
  name: string;
  parameters: Form[];
}

/** What can be said about one text. */
export interface Measures {
  logprob: number;
  mean_logprob: number;
  perplexity: number;
  length: number;
  distinct_1: number | null;
  distinct_2: number | null;
  passes: number | null;
  seconds: number | null;
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

/** One bar. */
export interface Row {
  id: number;
  label: string;
  rank: number;
  p_model: number;
  p: number;
  cut: string | null;
  drawn: boolean;
  actual: boolean;
}

/** A candidate of contrastive search, with its likeness and score. */
export interface Weighed {
  label: string;
  p: number;
  similarity: number;
  score: number;
  drawn: boolean;
}

/** What the model expects after position ``pos``; entropies in bits, ``effective`` = 2^entropy. */
export interface DistributionView {
  vocab_size: number;
  entropy: number;
  kept: number;
  segments: Segment[];
  rest: number;
  drawn_at: [number, number] | null;
  u: number | null;
  draw: Drawn | null;
  rows: Row[];
  reading: string;
  weighed: Weighed[];
}

/** One column; a word is [first token, one past its last, text, bits]. */
export interface ColumnView {
  leaves?: number | null;
  loops?: number[][];
  measures?: Measures;
  entropies?: number[];
  after?: number[];
  finish?: string | null;
  looped?: number;
  reading?: string;
  candidates?: DistributionView | null;
  python?: string;
  best?: boolean;
  number: number;
  name: string;
  note: string;
  strategy: Record<string, number | string | boolean | null>;
  draft: string;
  writing: boolean;
  words: [number, number, string, number][];
}

/** The ends of the axes that all columns share: steps, and bits. */
export interface Axes {
  steps: number;
  most: number;
}

/** How many values lie from ``low`` to ``high`` (not included, save in the last). */
export interface Bin {
  low: number;
  high: number;
  count: number;
}

/** Many draws. */
export interface SpreadView {
  n: number;
  lengths: Bin[];
  logprobs: Bin[];
  texts: [string, number][];
  distinct_texts: number;
  mean_length: number;
  mean_logprob: number;
  distinct_1: number | null;
  distinct_2: number | null;
}

/** Many draws of one column; a row is [index, seed, length, logprob, text]. */
export interface Draws {
  slot?: number;
  name?: string;
  wanted?: number;
  view?: SpreadView | null;
  reading?: string;
  rows?: [number, number, number, number, string][];
  python?: string;
}

/** A file on its way to the browser. */
export interface Download {
  number: number;
  name: string;
  type: string;
  text: string;
}

/** The controls. */
export type CompareControls = {
  step: number;
  seed: number;
  n: number;
  start: string;
  chat: boolean;
  system: string;
};

/** All of the page's header. */
export interface CompareHeader extends Omit<Header, "view"> {
  view: CompareControls;
  limits: Limits;
  presets: Preset[];
  preset: string;
  strategies: StrategyForm[];
  progress: number;
  stale: boolean;
  other_text: boolean;
  complete: boolean;
  columns: ColumnView[];
  axes: Axes;
  step: number;
  forked: boolean;
  reading: string;
  python: string;
  draws: Draws | null;
  download: Download | null;
}
