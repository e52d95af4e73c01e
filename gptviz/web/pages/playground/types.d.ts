// Shapes of the playground's own scripts, for tsc.

import type { Api, Picture } from "../../types.d.ts";
import type { PlaygroundControls, PlaygroundHeader } from "./message.d.ts";

export type Page = Api<PlaygroundHeader>;
export type Shown = Picture<PlaygroundHeader>;
export type Dragged = "temperature" | "top_p";

export interface Panel {
  update(picture: Shown): void;
}

/** What is under the hand. */
export interface Live {
  get(name: Dragged): number;
  same(name: keyof PlaygroundControls): boolean;
  drag(name: Dragged, value: number): void;
  settle(): void;
  stop(): void;
}

/** A row of the softmax at the temperature under the hand; the last is all others. */
export interface SoftRow {
  label: string;
  id: number | null;
  logit: number | null;
  p: number;
  p_model: number;
}
