// Made by `python -m gptviz.tools.message_types` from the page's panels and controls: not edited.

import type { Header } from "../../types.d.ts";

/** One token of the line. */
export interface PathToken {
  node: number;
  label: string;
  how: string;
  p: number | null;
  forks: number;
}

/** One branch of the tree. */
export interface PathBranch {
  node: number;
  text: string;
  length: number;
  active: boolean;
}

/** Another prompt that has a path. */
export interface Earlier {
  text: string;
  count: number;
}

/** The line of generated tokens, its branches, and other prompts that have one. */
export interface PathView {
  line: PathToken[];
  at: number;
  branches: PathBranch[];
  earlier: Earlier[];
  full: boolean;
  ended: boolean;
  python: string;
}

/** What a slider is made from; ``off`` and ``start``: what it says where it is off, and when it is switched on. */
export interface Slider {
  name: string;
  low: number;
  high: number;
  step: number;
  off: number | null;
  start: number;
}

/** How many layers and heads can be looked at. */
export interface Shape {
  n_layer: number;
  n_head: number;
}

/** All tokens without a row, as one; ``logit`` is ln Σ e^logit: what one token as likely as they all would have. */
export interface PipelineTail {
  count: number;
  logit: number | null;
  p: number[];
  kept: number[];
}

/** The whole vocabulary after one stage; ``name`` is "model" (the plain softmax), then that of each filter. */
export interface PipelineStage {
  name: string;
  setting: number | null;
  kept: number;
  mass: number;
  entropy: number;
}

/** One token on the bar; ``row`` is its place among the rows, None where it has none. */
export interface Stretch {
  id: number;
  label: string;
  low: number;
  high: number;
  row: number | null;
}

/** Where ``u`` fell. */
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

/** One token through all stages. */
export interface PipelineRow {
  id: number;
  label: string;
  rank: number;
  logit: number;
  p: number[];
  cut_at: number | null;
  drawn: boolean;
  taken: boolean;
}

/** The choice of the token that follows position ``pos``. */
export interface PipelineView {
  pos: number;
  tail: PipelineTail;
  stages: PipelineStage[];
  bar: Stretch[];
  choice: Choice | null;
  reading: string;
  python: string;
  step: number;
  rows: PipelineRow[];
}

/** One token, or the prompt (node 0, in column 0). */
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

/** The tree; ``at`` is the node that is looked at, ``tip`` the end of the line ahead of it. */
export interface TreeView {
  nodes: TreeNode[];
  lanes: number;
  depth: number;
  at: number;
  left_out: number;
  reading: string;
  python: string;
}

/** One token of a branch. */
export interface BranchToken {
  id: number;
  label: string;
  p: number;
  surprisal: number;
}

/** One of two branches, and where its head looks at the step chosen. */
export interface Branch {
  tokens: BranchToken[];
  logprob: number;
  mean: number | null;
  entropy: number;
  labels: string[];
  weights: number[];
}

/** One token at the same step of both. */
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

/** All tokens without a row. */
export interface PairTail {
  count: number;
  p_a: number;
  p_b: number;
}

/** Two branches of one prompt, and the model's distribution and one head's attention at the same step of both. */
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
  reading: string;
  python: string;
  node_a: number;
  node_b: number;
  times: string;
}

/** The controls. */
export type StepsControls = {
  repetition_penalty: number;
  no_repeat_ngram_size: number;
  temperature: number;
  top_k: number;
  top_p: number;
  min_p: number;
  typical_p: number;
  eta_cutoff: number;
  pos: number | null;
  layer: number;
  head: number;
  stage: string;
  key: number | null;
  seed: number;
  start: string;
  chat: boolean;
  system: string;
};

/** All of the page's header. */
export interface StepsHeader extends Omit<Header, "view"> {
  view: StepsControls;
  path: PathView;
  filters: Slider[];
  shape: Shape;
  pipeline: PipelineView | null;
  tree: TreeView | null;
  pair: PairView | null;
}
