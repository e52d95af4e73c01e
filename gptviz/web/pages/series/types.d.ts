// Shapes of the scripts of the series page, for tsc.

import type { Api, Picture } from "../../types.d.ts";
import type { SeriesHeader } from "./message.d.ts";

export type Page = Api<SeriesHeader>;
export type Shown = Picture<SeriesHeader>;
export interface Panel {
  update(picture: Shown): void;
}
