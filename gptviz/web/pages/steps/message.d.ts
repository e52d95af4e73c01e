// What the step machine's message says, by the names of gptviz/views.

import type { PathHeader } from "../../types.d.ts";
import type { Controls, PathView, Told } from "../next_token/message.d.ts";

export interface PipelineStage {
  name: string;
  setting: number | null;
  kept: number;
  mass: number;
  entropy: number;
}

export interface PipelineRow {
  id: number;
  label: string;
  bytes: string;
  rank: number;
  logit: number;
  p: number[];
  cut_at: number | null;
  drawn: boolean;
  taken: boolean;
}

export interface PipelineTail {
  count: number;
  logit: number | null;
  p: number[];
  kept: number[];
}

export interface Stretch {
  id: number;
  label: string;
  low: number;
  high: number;
  row: number | null;
}

export interface Choice {
  u: number;
  id: number;
  label: string;
  low: number;
  high: number;
  place: number;
  before: Stretch | null;
  after: Stretch | null;
}

export interface PipelineView {
  pos: number;
  vocab_size: number;
  rows: PipelineRow[];
  tail: PipelineTail;
  stages: PipelineStage[];
  bar: Stretch[];
  choice: Choice | null;
}

export interface TreeNode {
  node: number;
  parent: number;
  depth: number;
  lane: number;
  label: string;
  how: string;
  logprob: number | null;
  p: number | null;
  total: number | null;
  leaf: boolean;
  on_line: boolean;
}

export interface TreeView {
  nodes: TreeNode[];
  lanes: number;
  depth: number;
  at: number;
  tip: number;
  left_out: number;
}

export interface BranchToken {
  id: number;
  label: string;
  p: number;
  surprisal: number;
}

export interface Branch {
  tokens: BranchToken[];
  logprob: number;
  mean: number | null;
  entropy: number;
  labels: string[];
  weights: number[];
}

export interface PairRow {
  id: number;
  label: string;
  p_a: number;
  p_b: number;
  rank_a: number;
  rank_b: number;
  next_a: boolean;
  next_b: boolean;
}

export interface PairTail {
  count: number;
  p_a: number;
  p_b: number;
}

/** With the nodes of the tree that are A and B, and how many times as likely in words. */
export interface PairView {
  a: Branch;
  b: Branch;
  shared: number;
  step: number;
  steps: number;
  n_prompt: number;
  layer: number;
  head: number;
  rows: PairRow[];
  tail: PairTail;
  divergence: number;
  ratio: number;
  node_a: number;
  node_b: number;
  times: string;
}

/** A filter's control: the slider's ends and step, and what is off and on. */
export interface Filter {
  name: string;
  low: number;
  high: number;
  step: number;
  off: number;
  on: number;
}

export interface Shape {
  n_layer: number;
  n_head: number;
}

export interface StepsHeader extends PathHeader {
  view: Controls;
  path: PathView;
  filters: Filter[];
  shape: Shape;
  pipeline: (PipelineView & Told & { step: number }) | null;
  tree: (TreeView & Told) | null;
  pair: (PairView & Told) | null;
}
