// Made by `python -m gptviz.tools.message_types` from the page's panels and controls: not edited.

import type { Header } from "../../types.d.ts";

/** A run that can be looked at. */
export interface RunView {
  name: string;
  title: string;
}

/** The loss of each step (a few hundred of them), held out, and at each moment. */
export interface Curve {
  reading: string;
  python: string;
  train: [number, number][];
  valid: [number, number][];
  moments: [number, number][];
  at: number;
}

/** Prefix matching of each head, and the one looked at. */
export interface Heads {
  reading: string;
  python: string;
  scores: number[][];
  layer: number;
  head: number;
}

/** The pattern is the array ``pattern`` (T, T): row ``i`` is what position ``i`` looks at. */
export interface Attention {
  reading: string;
  python: string;
  labels: string[];
}

/** The likeliest next tokens, all others as one. */
export interface Next {
  reading: string;
  python: string;
  rows: [string, number][];
  others: number;
  bits: number;
}

/** How it goes on; an empty ``text`` is still to come. */
export interface Written {
  reading: string;
  python: string;
  before: string;
  text: string;
}

/** The other run, at its moment for the same step; ``stands``: what each of the two has to say of where it is. */
export interface Beside {
  run: string;
  facts: [string, string][];
  curve: Curve;
  heads: Heads;
  attention: Attention | null;
  answer: Next | null;
  written: Written | null;
  differs: string;
  stands: string[];
}

/** The controls. */
export type SnapshotsControls = {
  at: number;
  run: string;
  beside: string;
  layer: number | null;
  head: number | null;
  other_layer: number | null;
  other_head: number | null;
};

/** All of the page's header. */
export interface SnapshotsHeader extends Omit<Header, "view"> {
  view: SnapshotsControls;
  presets: string[];
  owned: boolean;
  runs: RunView[];
  run: string;
  steps: number[];
  at: number;
  facts: [string, string][];
  curve?: Curve;
  heads?: Heads;
  attention: Attention | null;
  answer: Next | null;
  written: Written | null;
  beside: Beside | null;
  lost: [number, string][];
}
