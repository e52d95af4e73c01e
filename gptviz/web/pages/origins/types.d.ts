// Shapes of the scripts of the page of origins, for tsc.

import type { Api, Picture } from "../../types.d.ts";
import type { OriginsHeader } from "./message.d.ts";

export type Page = Api<OriginsHeader>;
/** A picture as it comes; without a text most parts are missing. */
export type Drawn = Picture<OriginsHeader>;

export interface Panel {
  update(picture: Drawn): void;
}
