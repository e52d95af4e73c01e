// Made by `python -m gptviz.tools.message_types` from the page's panels and controls: not edited.

import type { Header } from "../../types.d.ts";

/** The way through the head; its numbers are the arrays ``flow.<step>``. */
export interface Flow {
  reading: string;
  python: string;
  labels: string[];
  steps: string[];
  n_layer: number;
  n_head: number;
  n_kv_head: number;
  kv_head: number;
  head_dim: number;
  norm: string;
  position: string;
  first: number;
  own_size: number;
  stream_size: number;
}

/** One number and the sum that it is; the terms are the array ``terms``, (n, 3): both operands, the amount. */
export interface Summed {
  reading: string;
  python: string;
  step: string;
  index: number;
  key: number | null;
  rule: string;
  names: string[];
  operands: number;
  bias: number | null;
  total: number | null;
  facts: Record<string, number>;
}

/** Two matrices of positions, the arrays ``pattern`` and ``moved``; the largest number of the second. */
export interface Maps {
  reading: string;
  python: string;
  most: number;
}

/** Every head's pattern in steps of 1/255: the largest weight of each ``block`` × ``block`` cells; 0 if masked. */
export interface MosaicView {
  n_layer: number;
  n_head: number;
  tile: number;
  block: number;
  reading: string;
  python: string;
}

/** One term of the dot product. */
export interface Product {
  q: number;
  k: number;
  amount: number;
}

/** One key; of one that is masked the last four are None. */
export interface SheetRow {
  label: string;
  dot: number;
  score: number | null;
  exp: number | null;
  share: number | null;
  share_exact: number;
  values: number[];
}

/** The sheet; ``key`` is the place of the row whose dot product is written out. */
export interface WorksheetView {
  labels: string[];
  query: number;
  key: number;
  head_dim: number;
  products: Product[];
  rest: number;
  root: number;
  shift: number | null;
  rows: SheetRow[];
  total: number;
  mixed: number[];
  mixed_exact: number[];
  reading: string;
  python: string;
}

/** The controls. */
export type AttentionControls = {
  layer: number;
  head: number;
  pos: number | null;
  key: number | null;
  step: string;
  index: number;
  map: string;
  solved: boolean;
  start: string;
  chat: boolean;
  system: string;
};

/** All of the page's header. */
export interface AttentionHeader extends Omit<Header, "view"> {
  view: AttentionControls;
  presets: string[];
  flow: Flow | null;
  sum: Summed | null;
  maps: Maps | null;
  mosaic: MosaicView | null;
  sheet: WorksheetView | null;
}
