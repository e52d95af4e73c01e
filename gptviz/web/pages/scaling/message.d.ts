// Made by `python -m gptviz.tools.message_types` from the page's panels and controls: not edited.

import type { Header } from "../../types.d.ts";

/** One run; ``off``: by which part its loss lies above the law's, where the law is of such runs. */
export interface Point {
  n: number;
  tokens: number;
  loss: number;
  off: number | null;
  own: boolean;
}

/** One curve of the law: what is the same all along it, as it is written, and its points. */
export interface CurveView {
  name: string;
  points: [number, number][];
}

/** All runs, and the law's curves through those it is fitted to; the floor is that of our world. */
export interface Plots {
  reading: string;
  python: string;
  runs: Point[];
  by_n: CurveView[];
  by_d: CurveView[];
  by_c: CurveView[];
  envelope: [number, number][];
  entropy: number | null;
  floor: number | null;
  problem: string;
  own: number;
  whose: string;
}

/** One constant of the law with its interval; the same as they are written. */
export interface Constant {
  name: string;
  value: number;
  low: number;
  high: number;
  said: string;
  interval: string;
}

/** The law's constants, and what follows from them, a sentence each; ``done`` of ``wanted`` resamples. */
export interface LawView {
  reading: string;
  python: string;
  constants: Constant[];
  done: number;
  wanted: number;
  floor: number | null;
  formula: string;
  says: string[];
}

/** A run that was not made: its loss as a sum, its cost, and how the same cost is spent best; as it is written. */
export interface Ask {
  reading: string;
  python: string;
  n: string;
  tokens: string;
  loss: string;
  interval: string;
  sum: string;
  cost: string;
  best: string;
  best_sum: string;
}

/** N_opt by C of each published law, and its constants as they are written. */
export interface Published {
  reading: string;
  python: string;
  lines: Record<string, [number, number][]>;
  formulas: Record<string, string>;
}

/** The controls. */
export type ScalingControls = {
  table: string;
  whose: string;
  embeddings: boolean;
  log_n: number;
  log_d: number;
};

/** All of the page's header. */
export interface ScalingHeader extends Omit<Header, "view"> {
  view: ScalingControls;
  plots: Plots;
  law: LawView | null;
  ask: Ask | null;
  published: Published;
}
