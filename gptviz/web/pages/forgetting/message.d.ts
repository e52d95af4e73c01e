// Made by `python -m gptviz.tools.message_types` from the page's panels and controls: not edited.

import type { Header } from "../../types.d.ts";

/** What the task needs of a row, and the column that has it. */
export interface RoleView {
  role: string;
  column: number;
}

/** One tuning of this visitor. */
export interface JobView {
  id: string;
  title: string;
  status: string;
  model: string;
  saves: string[];
}

/** A part of the texts measured on, with Wilson's interval at 95 %. */
export interface Right {
  value: number;
  low: number;
  high: number;
  said: string;
  interval: string;
}

/** What the held-out text of a language costs more than at the beginning, bits per byte. */
export interface More {
  part: string;
  more: number;
  said: string;
}

/** One stage: after A, or after B with a remedy. ``state``: done, learning, waiting. */
export interface Row {
  at: string;
  name: string;
  state: string;
  first: Right | null;
  then: Right | null;
  language: More[];
  spent: string;
}

/** The loss of one run, a mean over a few steps, nats; steps are counted from the beginning of A. */
export interface Curve {
  at: string;
  points: [number, number][];
}

/** What each token of the sentence costs a model: bits; None where nothing stands before it. */
export interface SaidRow {
  at: string;
  name: string;
  bits: (number | null)[];
  mean: string;
  perplexity: string;
}

/** The controls. */
export type ForgettingControls = {
  text_column: string;
  label_column: string;
  first: string;
  then: string;
  n_texts: number;
  epochs: number;
  rehearsal: boolean;
  ewc: boolean;
  lora: boolean;
  rehearse: number;
  strength: number;
  rank: number;
  learning_rate: number;
  run_seed: number;
  said: string;
};

/** All of the page's header. */
export interface ForgettingHeader extends Omit<Header, "view"> {
  view: ForgettingControls;
  file: string;
  columns: string[];
  roles: RoleView[];
  firsts: string[];
  thens: string[];
  cost: [string, string][];
  button: string;
  problem: string;
  setup_reading: string;
  setup_python: string;
  jobs: JobView[];
  job: string;
  owned: boolean;
  state: string;
  share: number;
  archive: string;
  outcome: Row[];
  parts: [string, string][];
  chance: [number, number];
  most_more: number;
  least_more: number;
  told: string[];
  outcome_reading: string;
  curves: Curve[];
  first_steps: number;
  then_steps: number;
  mean_of: number;
  curve_reading: string;
  words: string[];
  said_rows: SaidRow[];
  of_run: boolean;
  sentence_reading: string;
  sentence_python: string;
}
