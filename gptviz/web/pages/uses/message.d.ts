// Made by `python -m gptviz.tools.message_types` from the page's panels and controls: not edited.

import type { Header } from "../../types.d.ts";

/** What one token added, and its probability. */
export interface Bit {
  text: string;
  p: number;
}

/** The continuation; ``done``: nothing more comes. */
export interface Written {
  reading: string;
  python: string;
  bits: Bit[];
  done: boolean;
  number: string;
  columns: string[];
  rows: string[][];
}

/** The controls. */
export type UsesControls = {
  use: string;
  way: string;
  length: number;
  seed: number;
  start: string;
  chat: boolean;
  system: string;
};

/** All of the page's header. */
export interface UsesHeader extends Omit<Header, "view"> {
  view: UsesControls;
  uses: string[];
  written: Written | null;
  what: string;
  honest: string;
  size: string;
}
