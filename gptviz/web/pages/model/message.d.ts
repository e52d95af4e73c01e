// What the model page's message says; the card is that of gptviz/evaluation/card.py.

import type { Header } from "../../types.d.ts";

export interface Facts {
  n_layer: number;
  n_head: number;
  n_embd: number;
  block_size: number;
  vocab_size: number;
  position: string;
  head_dim: number;
  tied: boolean;
  n_parameters: number;
  weights: string;
  rounding: { largest: number; divergence: number; agreement: number } | null;
}

export interface Share {
  kind: string;
  count: number;
}

export interface Next {
  prompt: string;
  top: { label: string; p: number }[];
}

export interface TextPart {
  name: string;
  share: number;
  megabytes: number;
  licence: string;
  source: string;
}

export interface Curve {
  tokens: number[];
  loss: number[];
  learning_rate: number[];
  valid_tokens: number[];
  valid_loss: number[];
}

export interface HeldOut {
  part: string;
  n_bytes: number;
  bits_per_byte: number;
  baseline_bits_per_byte?: number | null;
  top1: number;
  top5: number;
}

/** One score for each head, a row for each layer, and which heads have the habit most. */
export interface Habit {
  heads: number[][];
  best: { layer: number; head: number; score: number }[];
}

export interface Induction {
  prefix_matching: Habit;
  previous_token: Habit;
  first_token: Habit;
  first_bits: number;
  second_bits: number;
}

export interface Cloze {
  n: number;
  top1: number;
  top5: number;
}

export interface Diversity {
  repetition: number;
  distinct_2: number;
}

export interface Evaluation {
  held_out: HeldOut[];
  cloze: Record<string, Cloze>;
  knowledge?: Record<string, Cloze>;
  diversity: Record<string, Diversity>;
  induction?: Induction;
}

export interface Sample {
  prompt: string;
  text: string;
}

export interface Card {
  commands: string[];
  versions: Record<string, string>;
  tokens: number;
  data: TextPart[];
  curve: Curve;
  evaluation: Evaluation;
  samples: Sample[];
  attribution: string;
  limits: string;
}

export interface ModelHeader extends Header {
  title: string;
  facts: Facts;
  shares: Share[];
  next: Next[];
  card: Card | null;
}
