// Shapes of the prompting page's own scripts, for tsc.

import type { Api, Picture } from "../../types.d.ts";
import type { PromptingHeader } from "./message.d.ts";

export type Page = Api<PromptingHeader>;
export type Shown = Picture<PromptingHeader>;

export interface Panel {
  update(picture: Shown): void;
}
