// Shapes of the room page's own scripts, for tsc.

import type { Api, Picture } from "../../types.d.ts";
import type { RoomHeader } from "./message.d.ts";

export type Page = Api<RoomHeader>;
export type Shown = Picture<RoomHeader>;

export interface Panel {
  update(picture: Shown): void;
}
