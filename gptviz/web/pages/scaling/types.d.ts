// Shapes of the scripts of the scaling page, for tsc.

import type { Api, Picture } from "../../types.d.ts";
import type { ScalingHeader } from "./message.d.ts";

export type Page = Api<ScalingHeader>;
export type Shown = Picture<ScalingHeader>;
export interface Panel {
  update(picture: Shown): void;
}
