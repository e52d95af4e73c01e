// Shapes of the surprise page's own scripts, for tsc.

import type { Api, Picture } from "../../types.d.ts";
import type { SurpriseHeader, SurpriseView } from "./message.d.ts";

export type Page = Api<SurpriseHeader>;
export type Shown = Picture<SurpriseHeader>;

export interface Panel {
  update(picture: Shown): void;
}

/** The numbers of one token. */
export interface Score {
  p: number;
  bits: number;
  nats: number;
  rank: number;
  entropy: number;
}

/** The token looked at. */
export interface Place {
  view: SurpriseView;
  side: number;
  pos: number;
  score: Score;
}

/** A choice of the model, or the token that came. */
export interface ExpectedRow {
  id: number;
  p: number;
  rank: number;
  label: string;
  came: boolean;
  far?: boolean;
}
