// Shapes of the scripts of the deploy page, for tsc.

import type { Api, Picture } from "../../types.d.ts";
import type { DeployHeader } from "./message.d.ts";

export type Page = Api<DeployHeader>;
export type Shown = Picture<DeployHeader>;
export interface Panel {
  update(picture: Shown): void;
}
