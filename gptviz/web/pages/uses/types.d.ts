// Shapes of the scripts of the page of uses, for tsc.

import type { Api, Picture } from "../../types.d.ts";
import type { UsesHeader } from "./message.d.ts";

export type Page = Api<UsesHeader>;
export type Shown = Picture<UsesHeader>;
export interface Panel {
  update(picture: Shown): void;
}
