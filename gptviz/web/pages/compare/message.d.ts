// What the comparison's message says, by the names of gptviz/views/decoding.py.

import type { Cell, Header } from "../../types.d.ts";
import type { Drawn, Row, Segment, StageCount, Tail } from "../next_token/message.d.ts";

/** [first token, one past its last, text, bits] */
export type Word = [number, number, string, number];
export type Value = number | string | boolean | null;
/** The strategy's name and its settings. */
export type Strategy = { name: string } & Record<string, Value>;

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

/** A candidate of contrastive search, with its likeness and score. */
export interface Weighed {
  label: string;
  p: number;
  similarity: number;
  score: number;
  drawn: boolean;
}

export interface Candidates {
  vocab_size: number;
  entropy: number;
  kept: number;
  rows: Row[];
  tail: Tail;
  stages: StageCount[];
  segments: Segment[];
  rest: number;
  drawn_at: [number, number] | null;
  u: number | null;
  draw: Drawn | null;
  weighed: Weighed[];
  reading: string;
}

/** From `leaves` on only where something has been written. */
export interface ColumnView {
  number: number;
  name: string;
  note: string;
  strategy: Strategy;
  draft: string;
  writing: boolean;
  words: Word[];
  best?: boolean;
  leaves?: number | null;
  loops?: [number, number, number][];
  measures?: Measures;
  surprisals?: number[];
  entropies?: number[];
  after?: number[];
  finish?: string | null;
  looped?: number;
  reading?: string;
  candidates?: Candidates | null;
  python?: string;
}

export interface Bin {
  low: number;
  high: number;
  count: number;
}

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

export interface Draws {
  slot: number;
  name: string;
  wanted: number;
  view: SpreadView | null;
  reading: string;
  rows?: Cell[][];
  python?: string;
}

export interface Parameter {
  name: string;
  kind: string;
  default: Value;
  low: number;
  high: number;
  step: number;
  choices: Value[];
  optional: boolean;
  start: number;
}

export interface Download {
  number: number;
  name: string;
  type: string;
  text: string;
}

export interface Axes {
  steps: number;
  most: number;
}

export type CompareControls = { seed: number; n: number; step: number };

export interface CompareHeader extends Header {
  view: CompareControls;
  columns: ColumnView[];
  axes: Axes;
  step: number;
  forked: boolean;
  reading: string;
  python: string;
  draws: Draws | null;
  progress: number;
  stale: boolean;
  other_text: boolean;
  complete: boolean;
  limits: { n: [number, number]; columns: [number, number] };
  presets: { key: string; title: string; hint: string }[];
  preset: string;
  strategies: { name: string; parameters: Parameter[] }[];
  download: Download | null;
}
