// Shapes of the page of forgetting's own scripts, for tsc.

import type { Api, Picture } from "../../types.d.ts";
import type { ForgettingHeader } from "./message.d.ts";

export type Page = Api<ForgettingHeader>;
export type Shown = Picture<ForgettingHeader>;

export interface Panel {
  update(picture: Shown): void;
}

/** One row of all pictures is marked at a time: that under the pointer, else the one that was chosen. */
export interface Marking {
  /** Notes a picture whose parts have `data-at`, and is called whenever another is marked. */
  add(show: (at: string) => void): void;
  /** Marks the rows below `host`, whose nodes have `data-at`, by pointer and by focus. */
  listen(host: HTMLElement): void;
  choose(at: string): void;
  at(): string;
}
