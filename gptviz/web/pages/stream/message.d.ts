// Made by `python -m gptviz.tools.message_types` from the page's panels and controls: not edited.

import type { Header } from "../../types.d.ts";

/** The norms are the arrays ``resid`` (S, T), ``attn`` and ``mlp`` (L, T). */
export interface Sizes {
  reading: string;
  python: string;
  labels: string[];
  n_layer: number;
}

/** First choices are the arrays ``lens_ids``, ``lens_probs`` and, where ranks are shown, ``lens_ranks``: (S, W). */
export interface Lens {
  reading: string;
  python: string;
  first: number;
  columns: number;
  names: Record<number, string>;
  ranked: string;
  actual: (string | null)[];
}

/** A token with its logit. */
export interface Choice {
  id: number;
  label: string;
  logit: number;
  p: number;
}

/** One cell of the lens: what the state after a block would say, and the arithmetic of its first choice. */
export interface LensCell {
  stage: number;
  pos: number;
  rows: Choice[];
  mean: number;
  scale: number;
  total: number;
  reading: string;
  python: string;
  picks: string[];
}

/** One token through the layers, from the embedding to the last block. */
export interface Followed {
  id: number;
  label: string;
  said: string;
  auto: boolean;
  probs: number[];
  ranks: number[];
}

/** The token followed, and its rival where there is one; ``unknown``: a control names what is no token. */
export interface Through {
  reading: string;
  python: string;
  tokens: Followed[];
  unknown: string[];
}

/** A line of the ledger. */
export interface Entry {
  kind: string;
  layer: number | null;
  head: number | null;
  amount: number;
}

/** One logit as a sum, or the difference of two. */
export interface Account {
  reading: string;
  python: string;
  lines: Entry[];
  total: number;
  logit: number;
  error: string;
  label: string;
  against: string | null;
}

/** A token whose logit a neuron moves. */
export interface Promoted {
  id: number;
  label: string;
  amount: number;
}

/** One neuron of an MLP, at one position. */
export interface Neuron {
  number: number;
  activation: number;
  size: number;
  promoted: Promoted[];
  suppressed: Promoted[];
}

/** The most active neurons of a layer at a position. */
export interface NeuronsView {
  layer: number;
  pos: number;
  width: number;
  active: number;
  neurons: Neuron[];
  reading: string;
  python: string;
}

/** The controls. */
export type StreamControls = {
  pos: number | null;
  layer: number;
  head: number;
  embed: boolean;
  neuron: number | null;
  token: string;
  rival: string;
  against: boolean;
  detail: string;
  sizes: string;
  grid: string;
  first: number | null;
  start: string;
  chat: boolean;
  system: string;
};

/** All of the page's header. */
export interface StreamHeader extends Omit<Header, "view"> {
  view: StreamControls;
  presets: string[];
  sizes?: Sizes;
  pos?: number;
  lens?: Lens;
  cell?: LensCell;
  through?: Through;
  ledger?: Account;
  neurons?: NeuronsView;
}
