// Shapes of the scripts of the limits page, for tsc.

import type { Api, Picture } from "../../types.d.ts";
import type { LimitsHeader } from "./message.d.ts";

export type Page = Api<LimitsHeader>;
export type Shown = Picture<LimitsHeader>;
export interface Panel {
  update(picture: Shown): void;
}
