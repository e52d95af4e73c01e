// Made by `python -m gptviz.tools.message_types` from the page's panels and controls: not edited.

import type { Header } from "../../types.d.ts";

/** The text under one mask; where it may look is the array ``<kind>.allowed``, (T, T). */
export interface Column {
  reading: string;
  python: string;
  kind: string;
  mean: number | null;
  bits: (number | null)[];
  leak: (number | null)[];
  best: string;
  prob: number;
  leaks: number;
}

/** One bar: its name, its length from 0 to 1, its number. */
export interface Bar {
  name: string;
  share: number;
  number: string;
}

/** The claim looked at, and what speaks against it; ``waiting``: it is measured when somebody asks. */
export interface Claim {
  reading: string;
  python: string;
  name: string;
  waiting: boolean;
  bars: Bar[];
}

/** The controls. */
export type MasksControls = {
  prefix: number;
  claim: string;
  start: string;
  chat: boolean;
  system: string;
};

/** All of the page's header. */
export interface MasksHeader extends Omit<Header, "view"> {
  view: MasksControls;
  labels: string[];
  columns: Column[];
  claims: string[];
  claim: Claim | null;
}
