// Made by `python -m gptviz.tools.message_types` from the page's panels and controls: not edited.

import type { Header } from "../../types.d.ts";

/** Each target with the token before it, its probability, and what it costs in nats; their mean is the loss. */
export interface Targets {
  reading: string;
  python: string;
  inputs: string[];
  targets: string[];
  probs: number[];
  losses: number[];
  loss: number;
  at: number;
}

/** One token's logit. */
export interface LogitRow {
  id: number;
  label: string;
  p: number;
  onehot: number;
  gradient: number;
}

/** The gradient at one position: the target first; ``count``: targets, which the mean divides by. */
export interface Logits {
  reading: string;
  python: string;
  rows: LogitRow[];
  rest: number;
  others: number;
  count: number;
  chosen: number;
}

/** One tensor: its block (None: before or after all), its part and kind there, the norms of gradient and itself. */
export interface Tensor {
  name: string;
  block: number | null;
  part: string;
  kind: string;
  gradient: number;
  weight: number;
  size: number;
}

/** All tensors, from the output down to the embeddings; ``chosen``: of the weight that is written out. */
export interface Down {
  reading: string;
  python: string;
  tensors: Tensor[];
  norm: number;
  chosen: string;
}

/** One weight's step, in the order in which AdamW works it out; ``step`` counts from 1. */
export interface Update {
  name: string;
  place: number[];
  step: number;
  weight: number;
  gradient: number;
  m_before: number;
  v_before: number;
  m: number;
  v: number;
  m_hat: number;
  v_hat: number;
  decay: number;
  move: number;
  after: number;
  reading: string;
  python: string;
  label: string;
  shape: number[];
  rate: number;
  beta1: number;
  beta2: number;
  eps: number;
  weight_decay: number;
}

/** The loss before each step and after the last, and what the straight line said of the last. */
export interface After {
  reading: string;
  python: string;
  losses: number[];
  linear: number;
  promised: number;
  fallen: number;
}

/** Both ways to read the text, in seconds. */
export interface Race {
  reading: string;
  python: string;
  tokens: number;
  at_once: number;
  one_by_one: number;
  difference: number;
}

/** The controls. */
export type OneStepControls = {
  step: number;
  rate: number;
  target: number | null;
  row: number;
  tensor: string;
  place: string;
};

/** All of the page's header. */
export interface OneStepHeader extends Omit<Header, "view"> {
  view: OneStepControls;
  presets: string[];
  forward?: Targets;
  logits?: Logits;
  down?: Down;
  update?: Update;
  after?: After;
  race: Race | null;
}
