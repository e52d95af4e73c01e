// Shapes of the step machine's own scripts, for tsc.

import type { Api, Picture } from "../../types.d.ts";
import type { StepsHeader } from "./message.d.ts";

export type { Told } from "../next_token/message.d.ts";

export type Page = Api<StepsHeader>;
export type Shown = Picture<StepsHeader>;
export interface Panel {
  update(picture: Shown): void;
}

export interface PipelineMemory {
  picture: Shown | null;
}

/** Where the tree's nodes stand, by depth and by node. */
export interface Places {
  lefts: number[];
  widths: number[];
  end: number;
  own: Map<number, number>;
  lane: number;
}

/** Where one glance is drawn. */
export interface GlancePlace {
  x: number;
  column: number;
  most: number;
  top: number;
  words: number;
  same: boolean;
  up: boolean;
}

export interface TextLine {
  name: string;
  node: HTMLElement;
  tokens: HTMLElement;
  total: HTMLElement;
  mean: HTMLElement;
}
