// Shapes of the Embeddings page's own scripts, for tsc.

import type { Theme } from "../../kit/theme.js";
import type { Api, Picture } from "../../types.d.ts";
import type { EmbeddingsHeader, Lit } from "./message.d.ts";

export type Page = Api<EmbeddingsHeader>;
export type Shown = Picture<EmbeddingsHeader>;

export interface Panel {
  update(picture: Shown): void;
}

/** Part of the map that is seen: its middle, and how many pixels a unit has. */
export interface Camera {
  x: number;
  y: number;
  scale: number;
}

/** All that is painted of the map. */
export interface Points {
  places: ArrayLike<number>;
  scripts: ArrayLike<number>;
  ids: ArrayLike<number> | null;
  names: string[];
  nTokens: number;
}

export interface MapScene {
  points: Points;
  lit: Lit[];
  colour: string;
  script: number;
  camera: Camera;
  theme: Theme;
  width: number;
  height: number;
  hover: number;
}
