// Shapes of the stream page's own scripts, for tsc.

import type { Api, Picture } from "../../types.d.ts";
import type { StreamHeader } from "./message.d.ts";

export type Page = Api<StreamHeader>;
/** A picture as it comes; of an empty text most parts are missing. */
export type Drawn = Picture<StreamHeader>;
/** One in which all parts are there. */
export type Shown = Picture<Required<StreamHeader>>;

export interface Panel {
  update(picture: Drawn): void;
}

/** A cell of the lens: a row, from the embedding on, and a position of the text. */
export interface Place {
  stage: number;
  pos: number;
}

/** What is painted of the sizes. */
export interface SizesGeometry {
  left: number;
  top: number;
  wide: number;
  high: number;
  rows: number;
  columns: number;
  side: number;
}
