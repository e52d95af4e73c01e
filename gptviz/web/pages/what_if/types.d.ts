// Shapes of the scripts of the page of changes, for tsc.

import type { Api, Picture } from "../../types.d.ts";
import type { WhatIfHeader } from "./message.d.ts";

export type Page = Api<WhatIfHeader>;
export type Shown = Picture<WhatIfHeader>;

export interface Panel {
  update(picture: Shown): void;
}
