// Shapes of the attention page's own scripts, for tsc.

import type { Api, Numbers, Picture } from "../../types.d.ts";
import type { AttentionHeader, Flow } from "./message.d.ts";

export type Page = Api<AttentionHeader>;
export type Shown = Picture<AttentionHeader>;
export interface Panel {
  update(picture: Shown): void;
}

/** A picture with something in it. */
export interface Full extends Shown {
  header: AttentionHeader & { flow: Flow };
}

/** What a strip of cells shows: one vector a row. */
export interface StripView {
  values: Numbers;
  rows: number;
  wide: number;
  /** px of a row */
  high: number;
  /** the number that is colour at its fullest */
  most: number;
  chosen: { row: number; index: number } | null;
  /** rows that do not count: struck out */
  struck?: (row: number) => boolean;
  /** cells that belong together, and which of the groups is framed */
  group?: { size: number; at: number };
}

/** One line of a sum: what it is of, the operands as text, the amount. */
export interface TermLine {
  name: string;
  operands: string;
  amount: number;
  /** where the operand comes from, if one can go there */
  to?: Record<string, unknown>;
}
