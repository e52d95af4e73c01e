// Shapes of the scripts of the page of a step, for tsc.

import type { Api, Picture } from "../../types.d.ts";
import type { OneStepHeader } from "./message.d.ts";

export type Page = Api<OneStepHeader>;
/** A picture as it comes; without a text most parts are missing. */
export type Drawn = Picture<OneStepHeader>;
/** One in which all parts are there. */
export type Shown = Picture<Required<OneStepHeader>>;

export interface Panel {
  update(picture: Drawn): void;
}
