// Made by `python -m gptviz.tools.message_types` from the page's panels and controls: not edited.

import type { Header } from "../../types.d.ts";

/** One published model on the timeline; ``parameters`` None: not published. */
export interface Entry {
  key: string;
  name: string;
  date: string;
  year: number;
  kind: string;
  series: boolean;
  parameters: number | null;
  said: string;
}

/** A size on the same scale, of what runs here; ``role``: open, bundled or family. */
export interface HereEntry {
  key: string;
  name: string;
  parameters: number;
  said: string;
  role: string;
}

/** The controls. */
export type SeriesControls = {
  card: string;
};

/** All of the page's header. */
export interface SeriesHeader extends Omit<Header, "view"> {
  view: SeriesControls;
  entries: Entry[];
  here: HereEntry[];
  timeline_reading: string;
  timeline_python: string;
  card: string;
  name: string;
  facts: [string, string][];
  changed: string;
  data: string;
  source: string;
  tree: [string, string[]][];
  columns: string[];
  rows: string[][];
}
