// Shapes of the Tokens page's own scripts, for tsc.

import type { Api, Picture } from "../../types.d.ts";
import type { FilmSaid, TokensHeader } from "./message.d.ts";

export type Page = Api<TokensHeader>;
export type Shown = Picture<TokensHeader>;

export interface Panel {
  update(picture: Shown): void;
}

/** A part of the text's bytes as it stands after some merges. */
export interface Part {
  start: number;
  stop: number;
  label: string;
}

/** One merge. */
export interface Join {
  start: number;
  middle: number;
  stop: number;
  rank: number;
  id: number;
}

/** The film with its numbers. */
export interface Film {
  said: FilmSaid;
  first: Part[];
  joins: Join[];
}

export interface Stepper {
  node: HTMLElement;
  step(): void;
  back(): void;
  play(): void;
  stop(): void;
  update(steps: number): void;
}
