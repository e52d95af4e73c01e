// Made by `python -m gptviz.tools.message_types` from the page's panels and controls: not edited.

import type { Header } from "../../types.d.ts";

/** A training whose text is at hand. */
export interface RunView {
  name: string;
  title: string;
}

/** One token that may come next: ``gpt`` None while there is no model. */
export interface Choice {
  id: number;
  label: string;
  gpt: number | null;
  counted: number;
}

/** The likeliest next tokens. */
export interface Choices {
  reading: string;
  python: string;
  rows: Choice[];
  token: number;
}

/** One n: how often its context stands in the text, how often the token comes next, and what that makes. */
export interface Line {
  n: number;
  context: string;
  times: number;
  then: number;
  p: number;
  bits: number | null;
}

/** The n-grams of the token looked at; then both models, in bits. */
export interface Counts {
  reading: string;
  python: string;
  label: string;
  lines: Line[];
  counted: number;
  counted_bits: number;
  gpt: number | null;
  gpt_bits: number | null;
}

/** One place of the text. */
export interface PassageView {
  before: string;
  gram: string;
  after: string;
}

/** Where the longest n-gram that ends with the token stands. */
export interface Passages {
  reading: string;
  python: string;
  n: number;
  times: number;
  rows: PassageView[];
}

/** How often each column's token follows each row's: the first lesson of counting. */
export interface Pairs {
  reading: string;
  python: string;
  rows: string[];
  columns: string[];
  counts: number[][];
  row: number;
  column: number;
}

/** The controls. */
export type OriginsControls = {
  run: string;
  token: number | null;
};

/** All of the page's header. */
export interface OriginsHeader extends Omit<Header, "view"> {
  view: OriginsControls;
  presets: string[];
  owned: boolean;
  runs: RunView[];
  run: string;
  trained: boolean;
  size: string;
  choices?: Choices;
  counts?: Counts;
  passages?: Passages;
  pairs?: Pairs;
}
