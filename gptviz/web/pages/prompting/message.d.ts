// Made by `python -m gptviz.tools.message_types` from the page's panels and controls: not edited.

import type { Header } from "../../types.d.ts";

/** One label: its word, ln p of that (nats), its share as it comes, where the text says nothing, and calibrated. */
export interface LabelRow {
  label: string;
  word: string;
  logprob: number;
  plain: number;
  leaning: number;
  calibrated: number;
}

/** One tuning of this visitor. */
export interface JobView {
  id: string;
  title: string;
  status: string;
  model: string;
  saves: string[];
}

/** One way of asking, measured; ``calibrated``: none of a head, which is tuned on so many examples. */
export interface Way {
  kind: string;
  shots: number;
  order: number[];
  pattern: string;
  plain: [number, number, number];
  calibrated: [number, number, number] | null;
}

/** The controls. */
export type PromptingControls = {
  pattern: string;
  word_positive: string;
  word_negative: string;
  shots: number;
  drawn_seed: number;
  order_seed: number;
  n_texts: number;
};

/** All of the page's header. */
export interface PromptingHeader extends Omit<Header, "view"> {
  view: PromptingControls;
  patterns: [string, string][];
  labels: string[];
  most_shots: number;
  examples_shown: [string, string][];
  asking_problem: string;
  asking_reading: string;
  asking_python: string;
  pieces: [string, string][];
  n_prompt: number;
  left_out: number;
  read_reading: string;
  label_rows: LabelRow[];
  truth: string;
  labels_reading: string;
  labels_python: string;
  jobs: JobView[];
  job: string;
  owned: boolean;
  state: string;
  share: number;
  archive: string;
  ways: Way[];
  n_measured: number;
  n_ways: number;
  majority: [number, number, number];
  all_shots: number[];
  n_orders: number;
  counts: number[];
  study_patterns: string[];
  study_problem: string;
  study_reading: string[];
  study_python: string;
}
