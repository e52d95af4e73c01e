// Shapes of the robustness page's own scripts, for tsc.

import type { Api, Picture } from "../../types.d.ts";
import type { RobustnessHeader } from "./message.d.ts";

export type Page = Api<RobustnessHeader>;
export type Shown = Picture<RobustnessHeader>;

export interface Panel {
  update(picture: Shown): void;
}
