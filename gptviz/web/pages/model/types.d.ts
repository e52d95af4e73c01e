// Shapes of the model page's own scripts, for tsc.

import type { Api, Table } from "../../types.d.ts";
import type { ModelHeader } from "./message.d.ts";

export type Page = Api<ModelHeader>;
/** What a card's menu says of it. */
export type TableTold = Table & { reading: string };
/** A row of the cloze table: its name, how many were right, how its samples repeat themselves. */
export type Scored = [name: string, score: Cloze, told?: Diversity];

// What the card says of the evaluation, as far as the page shows it; it comes as the card's file has it.

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
