// Made by `python -m gptviz.tools.message_types` from the page's panels and controls: not edited.

import type { Header } from "../../types.d.ts";

/** What a slider is made from; ``off`` and ``start``: what it says where it is off, and when it is switched on. */
export interface Slider {
  name: string;
  low: number;
  high: number;
  step: number;
  off: number | null;
  start: number;
}

/** One text that ended; the first has won. */
export interface Final {
  node: number;
  group: number;
  text: string;
  length: number;
  total: number;
  score: number;
  ends: boolean;
}

/** One continuation that was looked at. */
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
  fate: "kept" | "finished" | "crowded_out" | "ended_too_low" | "outscored" | "stopped";
  until: number | null;
  against: number | null;
  heirs: number;
  winner: boolean;
}

/** The whole search, as far as it has come. */
export interface TreeView {
  width: number;
  n_groups: number;
  length_penalty: number;
  early_stopping: boolean | string;
  leaders: number[];
  finals: Final[];
  done: boolean;
  reading: string;
  python: string;
  nodes: Node[];
  steps: number;
  group_width: number;
}

/** What one width finds; width 0 is greedy search. */
export interface Rung {
  width: number;
  text: string;
  length: number;
  total: number;
  score: number;
  distinct_2: number | null;
  best: boolean;
}

/** The controls. */
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
  start: string;
  chat: boolean;
  system: string;
};

/** All of the page's header. */
export interface BeamHeader extends Omit<Header, "view"> {
  view: BeamControls;
  presets: string[];
  sliders: Slider[];
  limit: number;
  paused: boolean;
  tree: TreeView;
  verdict: string;
  rungs: Rung[];
  ladder_note: string;
  ladder_reading: string;
  ladder_python: string;
}
