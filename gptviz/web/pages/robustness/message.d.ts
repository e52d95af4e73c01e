// Made by `python -m gptviz.tools.message_types` from the page's panels and controls: not edited.

import type { Header } from "../../types.d.ts";

/** One exchange. */
export interface AttackRow {
  pieces: [string, string][];
  promised: number;
  gained: number;
  found: string;
  prob: number;
}

/** One tuning of this visitor. */
export interface JobView {
  id: string;
  title: string;
  status: string;
  model: string;
  saves: string[];
}

/** One way in one column. */
export interface RowView {
  way: string;
  right: number;
  of: number;
  low: number;
  high: number;
  beyond: number;
}

/** One kind of review, or all of them, or all of them attacked. */
export interface ColumnView {
  name: string;
  of: number;
  coin: [number, number];
  rows: RowView[];
}

/** The text changed in one way, beside what it was. */
export interface CopyView {
  way: string;
  pieces: [string, string][];
}

/** The controls. */
export type RobustnessControls = {
  fgm: boolean;
  pgd: boolean;
  replace: boolean;
  delete: boolean;
  swap: boolean;
  epsilon: number;
  epochs: number;
  copies: number;
  attacked: number;
  flips: number;
  run_seed: number;
};

/** All of the page's header. */
export interface RobustnessHeader extends Omit<Header, "view"> {
  view: RobustnessControls;
  targets: [string, string][];
  target: string;
  labels: [string, number][];
  attacked_label: string;
  attacked_prob: number;
  exchanges: AttackRow[];
  attacking: boolean;
  attack_end: string;
  attack_problem: string;
  attack_reading: string;
  attack_python: string;
  ways: [string, boolean][];
  cost: [string, string][];
  problem: string;
  setup_reading: string;
  setup_python: string;
  jobs: JobView[];
  job: string;
  owned: boolean;
  state: string;
  share: number;
  archive: string;
  columns: ColumnView[];
  n_ways: number;
  trial_epsilon: string;
  trial_said: string;
  copies: CopyView[];
  other_words: string;
  other_words_asked: boolean;
  copies_cut: number;
  copies_reading: string;
  copies_python: string;
}
