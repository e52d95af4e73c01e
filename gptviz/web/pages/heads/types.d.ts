// Shapes of the heads page's own scripts, for tsc.

import type { Api, Picture } from "../../types.d.ts";
import type { HeadsHeader } from "./message.d.ts";

export type Page = Api<HeadsHeader>;
export type Shown = Picture<HeadsHeader>;

export interface Panel {
  update(picture: Shown): void;
}
