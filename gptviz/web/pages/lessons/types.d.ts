// Shapes of the scripts of the page of lessons, for tsc.

import type { Api, Picture } from "../../types.d.ts";
import type { LessonsHeader } from "./message.d.ts";

export type Page = Api<LessonsHeader>;
export type Shown = Picture<LessonsHeader>;
export interface Panel {
  update(picture: Shown): void;
}
