// Shapes of the scripts of the page of snapshots, for tsc.

import type { Api, Picture } from "../../types.d.ts";
import type { SnapshotsHeader } from "./message.d.ts";

export type Page = Api<SnapshotsHeader>;
/** A picture as it comes. */
export type Drawn = Picture<SnapshotsHeader>;

export interface Panel {
  update(picture: Drawn): void;
}
