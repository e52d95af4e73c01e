// Made by `python -m gptviz.tools.message_types` from the page's panels and controls: not edited.

import type { Header } from "../../types.d.ts";

/** One lesson in the list. */
export interface Entry {
  name: string;
  number: number;
  title: string;
  aim: string;
  minutes: number;
  steps: number;
  done: number;
  at: number;
}

/** A question for before and after; ``right`` and ``why`` come once both are answered. */
export interface Asked {
  question: string;
  options: string[];
  before: number | null;
  after: number | null;
  right: number | null;
  why: string;
}

/** A line of the worksheet, and what belongs into its blank; ``text`` is what it is measured on. */
export interface Line {
  said: string;
  text: string;
  solution: string;
}

/** The lesson looked at. */
export interface Chosen {
  name: string;
  title: string;
  aim: string;
  minutes: number;
  headings: string[];
  plan: [number, string][];
  ask: string[];
  wrong: string[];
  standards: string[];
  probes: Asked[];
  lines: Line[];
}

/** The controls. */
export type LessonsControls = {
  which: string;
  sheet: string;
};

/** All of the page's header. */
export interface LessonsHeader extends Omit<Header, "view"> {
  view: LessonsControls;
  lessons: Entry[];
  own_error: string;
  largest: number;
  progress: Record<string, unknown>;
  model: string;
  list_reading: string;
  list_python: string;
  chosen: Chosen | null;
  sheet: string;
  probes_reading: string;
  probes_python: string;
  sheet_python: string;
}
