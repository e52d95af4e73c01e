// Shapes of the tuning page's own scripts, for tsc.

import type { Api, Picture } from "../../types.d.ts";
import type { TuningHeader } from "./message.d.ts";

export type Page = Api<TuningHeader>;
export type Shown = Picture<TuningHeader>;

export interface Panel {
  update(picture: Shown): void;
}
