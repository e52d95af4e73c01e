// Made by `python -m gptviz.tools.message_types` from the page's panels and controls: not edited.

import type { Header } from "../../types.d.ts";

/** One tuning of this visitor. */
export interface JobView {
  id: string;
  title: string;
  status: string;
  model: string;
  saves: string[];
}

/** The controls. */
export type AlignmentControls = {
  source: string;
  by: string;
  epochs: number;
  steps: number;
  beta: number;
  kl: number;
  learning_rate: number;
  rank: number;
  run_seed: number;
};

/** All of the page's header. */
export interface AlignmentHeader extends Omit<Header, "view"> {
  view: AlignmentControls;
  sources: string[];
  fields: string[];
  pairs: [string, string, string][];
  n_pairs: number;
  file: string;
  problem: string;
  setup_reading: string;
  setup_python: string;
  offered: string[];
  offered_of: string;
  alike: boolean;
  chosen_so_far: number;
  most_choices: number;
  choice_reading: string;
  choice_python: string;
  jobs: JobView[];
  job: string;
  owned: boolean;
  state: string;
  share: number;
  archive: string;
  way: string;
  chosen: [number, number][];
  rejected: [number, number][];
  pairs_right: string;
  judge_right: string;
  rewards: [number, number][];
  tradeoff: [number, number][];
  steps: number;
  curve_reading: string;
  lights: [string, string, string, boolean][];
  lights_reading: string;
  answers: [string, string, string, string][];
  forgotten: [string, string, string, string][];
  answers_reading: string;
}
