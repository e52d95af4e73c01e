// Made by `python -m gptviz.tools.message_types` from the page's panels and controls: not edited.

import type { Header } from "../../types.d.ts";

/** One number with its bar, a share of the longest in its column; ``more`` stands small below it. */
export interface Cell {
  share: number;
  number: string;
  more: string;
}

/** One form of the weights; no cells while it is not measured, and where this processor cannot multiply by it. */
export interface FormRow {
  name: string;
  held: boolean;
  cells: Cell[];
  note: string;
}

/** A point of a curve. */
export interface Point {
  gone: number;
  bits: number;
}

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

/** The text written on: as the model is, and without what is left out. */
export interface Answer {
  before: string;
  after: string;
}

/** One number of this moment. */
export interface Figure {
  name: string;
  value: string;
}

/** One duty. */
export interface Duty {
  name: string;
  does: string;
  figures: Figure[];
}

/** The controls. */
export type DeployControls = {
  unit: string;
  by: string;
  gone: number;
  start: string;
  chat: boolean;
  system: string;
};

/** All of the page's header. */
export interface DeployHeader extends Omit<Header, "view"> {
  view: DeployControls;
  forms: FormRow[];
  forms_columns: string[];
  forms_rows: string[][];
  forms_reading: string;
  forms_python: string;
  forms_done: number;
  forms_wanted: number;
  presets: string[];
  n_parts: number;
  n_gone: number;
  curves: Record<string, Point[]>;
  parts_columns: string[];
  parts_rows: string[][];
  parts_reading: string;
  parts_python: string;
  parts_done: number;
  parts_wanted: number;
  changed: Changed | null;
  answer: Answer | null;
  answer_python: string;
  duties: Duty[];
  duties_python: string;
}
