// Made by `python -m gptviz.tools.message_types` from the page's panels and controls: not edited.

import type { Header } from "../../types.d.ts";

/** Rows of numbers, one for each of some tokens: the arrays ``rows``, ``added`` (where something is) and ``sum``. */
export interface Strips {
  first: number;
  labels: string[];
  width: number;
  n_embd: number;
  scale: number;
  scheme: string;
  pos: number;
  reading: string;
  python: string;
}

/** One token near the one looked at; ``here``: the text has it. */
export interface NearToken {
  id: number;
  label: string;
  cosine: number;
  here: boolean;
}

/** The nearest tokens of the whole vocabulary. */
export interface Near {
  reading: string;
  python: string;
  id: number;
  label: string;
  rows: NearToken[];
  n_tokens: number;
  matrices: string[];
}

/** A token that is pointed out on the map. */
export interface Lit {
  id: number;
  label: string;
  x: number;
  y: number;
  kind: string;
  script: string;
}

/** The map; ``done`` from 0 to 1; its points are the arrays ``map.…``, once it is done. */
export interface Atlas {
  reading: string;
  python: string;
  done: number;
  map: string;
  waiting: boolean;
  shares: number[];
  drawn: number;
  n_tokens: number;
  axes: [number, number];
  lit: Lit[];
  scripts: string[];
}

/** Positions compared two by two, the array ``similarity``; how far each pair turns, the array ``turns``. */
export interface Positions {
  reading: string;
  python: string;
  scheme: string;
  own: boolean;
  schemes: string[];
  own_scheme: string;
  shown: number[];
  plane: number;
  turn: number;
  labels: string[];
  base: number;
}

/** The controls. */
export type EmbeddingsControls = {
  pos: number | null;
  token: number;
  matrix: string;
  map: string;
  x: number;
  y: number;
  colour: string;
  scheme: string;
  plane: number;
  turn: number;
  start: string;
  chat: boolean;
  system: string;
};

/** All of the page's header. */
export interface EmbeddingsHeader extends Omit<Header, "view"> {
  view: EmbeddingsControls;
  strips: Strips | null;
  near: Near | null;
  atlas: Atlas | null;
  positions: Positions | null;
}
