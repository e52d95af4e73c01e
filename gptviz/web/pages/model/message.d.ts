// Made by `python -m gptviz.tools.message_types` from the page's panels and controls: not edited.

import type { Header } from "../../types.d.ts";

/** How far the predictions of two models lie apart on one text. */
export interface Error {
  largest: number;
  divergence: number;
  agreement: number;
}

/** The model's numbers, in the field's names, and what its weights are held in. */
export interface Facts {
  n_layer: number;
  n_head: number;
  n_embd: number;
  block_size: number;
  vocab_size: number;
  position: string;
  n_parameters: number;
  weights: string;
  rounding: Error | null;
}

/** How many parameters are in one kind of part. */
export interface Share {
  kind: string;
  name: string;
  count: number;
}

/** One of the likeliest next tokens. */
export interface Guess {
  label: string;
  p: number;
}

/** A prompt and what may follow it. */
export interface Next {
  prompt: string;
  top: Guess[];
}

/** One check: what it asks, its answer, the sentence, and what was measured (see there). */
export interface CheckView {
  asks: string;
  ok: boolean | null;
  said: string;
  value: number | null;
}

/** The checks by now, and what comes of them together once all are done. */
export interface Passed {
  checks: CheckView[];
  done: boolean;
  said: string;
}

/** One kind of text that was trained on. */
export interface TextPart {
  name: string;
  share: number;
  megabytes: number;
  licence: string;
  source: string;
}

/** Loss by tokens read; all lists of one kind are equally long. Losses are nats per token. */
export interface Curve {
  tokens: number[];
  loss: number[];
  learning_rate: number[];
  valid_tokens: number[];
  valid_loss: number[];
}

/** A text that it wrote. */
export interface Sample {
  prompt: string;
  text: string;
}

/** How it was made and how it did, with what is to be said beside it. */
export interface Card {
  commands: string[];
  versions: Record<string, string>;
  tokens: number;
  data: TextPart[];
  curve: Curve;
  evaluation: Record<string, unknown>;
  samples: Sample[];
  before: Record<string, unknown> | null;
  attribution: string;
  limits: string;
}

/** The Python of each card. */
export interface Recipes {
  facts: string;
  next: string;
  passport: string;
  curve: string;
  held: string;
  heads: string;
  cloze: string;
  samples: string;
  data: string;
}

/** All of the page's header. */
export interface ModelHeader extends Header {
  title: string;
  facts: Facts;
  shares: Share[];
  tuned: string;
  labelled_at: string;
  next: Next[];
  passport: Passed;
  card: Card | null;
  recipes: Recipes;
}
