// Made by `python -m gptviz.tools.message_types` from the page's panels and controls: not edited.

import type { Header } from "../../types.d.ts";

/** Rows of (token, label, probability before, after); bits per token, None where no token has a score. */
export interface Changed {
  rows: [number, string, number, number][];
  others: number;
  others_before: number;
  others_after: number;
  bits_before: number | null;
  bits_after: number | null;
  reading: string;
}

/** Two prompts put into each other: flat (n_layer, T) shares, None where they are not known yet. */
export interface Maps {
  clean: string[];
  corrupt: string[];
  answer: string;
  rival: string;
  sufficient: (number | null)[];
  necessary: (number | null)[];
  done: number;
  wanted: number;
  error: string;
  reading: string;
  python: string;
}

/** (heads gone, bits per token): best first, and the mean of the orders drawn at random. */
export interface Broken {
  best: [number, number][];
  random: [number, number][];
  n_heads: number;
  done: number;
  wanted: number;
  reading: string;
  python: string;
}

/** The controls. */
export type WhatIfControls = {
  edits: string;
  layer: number;
  head: number;
  pos: number | null;
  mode: string;
  other: string;
  curve: boolean;
  start: string;
  chat: boolean;
  system: string;
};

/** All of the page's header. */
export interface WhatIfHeader extends Omit<Header, "view"> {
  view: WhatIfControls;
  n_layer: number;
  n_head: number;
  changes: string[];
  idle: string[];
  change: Changed | null;
  change_python: string;
  labels: string[];
  attention_reading: string;
  patch: Maps | null;
  broken: Broken | null;
}
