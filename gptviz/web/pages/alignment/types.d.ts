// Shapes of the alignment page's own scripts, for tsc.

import type { Api, Picture } from "../../types.d.ts";
import type { AlignmentHeader } from "./message.d.ts";

export type Page = Api<AlignmentHeader>;
export type Shown = Picture<AlignmentHeader>;

export interface Panel {
  update(picture: Shown): void;
}
