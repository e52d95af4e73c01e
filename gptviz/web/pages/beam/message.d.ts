// What the beam page's message says, by the names of gptviz/views/beam.py.

import type { Header } from "../../types.d.ts";

export interface Node {
  id: number;
  parent: number | null;
  step: number;
  group: number;
  rank: number;
  token: number;
  label: string;
  text: string;
  ends: boolean;
  logprob: number;
  p: number;
  penalty: number;
  total: number;
  divisor: number;
  score: number;
  fate: string;
  until: number | null;
  against: number | null;
  heirs: number;
  winner: boolean;
}

export interface Final {
  node: number;
  group: number;
  text: string;
  length: number;
  total: number;
  score: number;
  ends: boolean;
}

/** All nodes in one list, each with its step. */
export interface TreeView {
  width: number;
  n_groups: number;
  group_width: number;
  length_penalty: number;
  early_stopping: boolean | string;
  nodes: Node[];
  steps: number;
  leaders: number[];
  finals: Final[];
  done: boolean;
  reading: string;
  python: string;
}

/** Greedy has the width 0. */
export interface Rung {
  width: number;
  text: string;
  length: number;
  total: number;
  score: number;
  distinct_2: number | null;
  best: boolean;
}

export type BeamControls = {
  width: number;
  length_penalty: number;
  n_groups: number;
  diversity_penalty: number;
  early_stopping: string;
  tokens: number;
  pruned: boolean;
  step: number;
  node: number;
};

export interface BeamHeader extends Header {
  view: BeamControls;
  presets: string[];
  sliders: { name: string; low: number; high: number; step: number }[];
  limit: number;
  paused: boolean;
  tree: TreeView;
  rungs: Rung[];
  verdict: string;
  ladder_note: string;
  ladder_reading: string;
  ladder_python: string;
}
