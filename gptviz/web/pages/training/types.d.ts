// Shapes of the training page's own scripts, for tsc.

import type { Api, Picture } from "../../types.d.ts";
import type { TrainingHeader } from "./message.d.ts";

export type Page = Api<TrainingHeader>;
export type Shown = Picture<TrainingHeader>;

export interface Panel {
  update(picture: Shown): void;
}
