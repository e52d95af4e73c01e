// Shapes of the scripts of the page of masks, for tsc.

import type { Api, Picture } from "../../types.d.ts";
import type { MasksHeader } from "./message.d.ts";

export type Page = Api<MasksHeader>;
export type Shown = Picture<MasksHeader>;
export interface Panel {
  update(picture: Shown): void;
}
