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

/** One tuning that is over, beside the others on the same task. */
export interface MethodRow {
  name: string;
  trainable: number;
  seconds: number;
  memory: string;
  value: number | null;
  low: number | null;
  high: number | null;
  forgotten: string[];
  here: boolean;
}

/** The singular values of one tuning's ΔW: place (from 1) and value, fewer of them the further down. */
export interface SpectrumView {
  name: string;
  points: [number, number][];
  here: boolean;
}

/** The controls. */
export type TuningControls = {
  task: string;
  method: string;
  epochs: number;
  batch_size: number;
  learning_rate: number;
  rank: number;
  length: number;
  width: number;
  last_layers: number;
  pooling: string;
  run_seed: number;
  at_layer: number;
  at_matrix: string;
};

/** All of the page's header. */
export interface TuningHeader extends Omit<Header, "view"> {
  view: TuningControls;
  tasks: string[];
  methods: [string, boolean][];
  fields: string[];
  cost: [string, string][];
  problem: string;
  file: string;
  columns: string[];
  roles: RoleView[];
  setup_reading: string;
  setup_python: string;
  jobs: JobView[];
  job: string;
  owned: boolean;
  state: string;
  share: number;
  archive: string;
  model_note: string;
  data_rows: [string, string][];
  data_counts: [string, number][];
  data_n: number;
  mask: [string, boolean][];
  data_reading: string;
  train: [number, number][];
  valid: [number, number][];
  right: [number, number][];
  steps: number;
  chance: number;
  curve_reading: string;
  foreseen: number;
  foreseen_said: string;
  lights: [string, string, string, boolean][];
  lights_reading: string;
  figures: [string, string, number][];
  report: [string, number, number, number, number][];
  confusion: number[][];
  names: string[];
  report_reading: string;
  wrong: [string, string, string, string][];
  n_wrong: number;
  wrong_kind: string;
  wrong_reading: string;
  said: string;
  labels: [string, number][];
  tagged: [string, string][];
  before: string;
  after: string;
  said_of: string;
  said_problem: string;
  said_reading: string;
  said_python: string;
  methods_run: MethodRow[];
  measure: string;
  languages: string[];
  methods_reading: string;
  delta_layers: number[];
  delta_layer: number;
  delta_matrices: string[];
  delta_matrix: string;
  delta_shape: number[];
  spectra: SpectrumView[];
  held: [number, number][];
  delta_reading: string;
  delta_python: string;
  film: [number, number[]][];
  film_full: number;
  film_kept: number;
  film_reading: string;
  film_python: string;
}
