// Made by `python -m gptviz.tools.message_types` from the page's panels and controls: not edited.

import type { Header } from "../../types.d.ts";

/** A stretch of a text; ``mark`` says what it is: loop, token, given, known, or nothing. */
export interface Piece {
  text: string;
  mark: string;
}

/** One text: its name, its pieces, what is said of it. */
export interface TextRow {
  name: string;
  pieces: Piece[];
  number: string;
}

/** One bar from 0 to ``value``; ``low`` to ``high`` is its interval, ``other`` an outline beside it. */
export interface BarRow {
  word: string;
  value: number;
  low: number | null;
  high: number | null;
  other: number | null;
  number: string;
}

/** One point of the plot, and from where to where it may lie; ``n`` of what it is the mean of. */
export interface Dot {
  x: number;
  y: number;
  low: number;
  high: number;
  n: number;
}

/** One half of an experiment. ``plot`` names its axes; of ``wanted`` records ``done`` are measured. */
export interface Part {
  reading: string;
  python: string;
  title: string;
  small: string;
  texts: TextRow[];
  bars: BarRow[];
  most: number;
  dots: Dot[];
  plot: string;
  columns: string[];
  rows: string[][];
  done: number;
  wanted: number;
}

/** The controls. */
export type LimitsControls = {
  show: string;
  length: number;
  seed: number;
  old: string;
  new: string;
  words: string;
  start: string;
  chat: boolean;
  system: string;
};

/** All of the page's header. */
export interface LimitsHeader extends Omit<Header, "view"> {
  view: LimitsControls;
  experiments: string[];
  presets: string[];
  caveat: string;
  live: Part | null;
  side: Part | null;
}
