// Shapes of the beam page's own scripts, for tsc.

import type { Api, Picture } from "../../types.d.ts";
import type { BeamHeader, Node, TreeView } from "./message.d.ts";

export type Page = Api<BeamHeader>;
export type Shown = Picture<BeamHeader>;

export interface Panel {
  update(picture: Shown): void;
}

export type Box = { x: number; y: number; w: number; h: number };

/** Where everything in the tree stands. */
export interface Laid {
  width: number;
  height: number;
  boxes: Map<number, Box>;
  root: Box;
  columns: { x: number; w: number }[];
  groups: { y: number; h: number }[];
}

/** The drawing as it is, and what it was drawn of. */
export interface Tree {
  api: Page;
  heads: HTMLElement;
  drawing: SVGSVGElement;
  inner: HTMLElement;
  scroll: HTMLElement;
  band: SVGElement;
  drawn: string;
  laid: Laid | null;
  nodes: Map<number, SVGElement>;
  edges: Map<number, SVGElement>;
  seen: number;
  whole: boolean;
  picture: Shown | null;
}

/** What the detail shows. */
export interface Looked {
  data: TreeView | null;
  node: Node | null;
  at: number;
}

/** A line of a contest; `pick` where it can be looked at. */
export interface Line {
  mark: string;
  text: string;
  total: number;
  score: number;
  note: string;
  won?: boolean;
  greedy?: boolean;
  current?: boolean;
  share?: number | null;
  pick?: (() => void) | null;
}

export interface Stepping {
  stop(): void;
  step(): void;
  back(): void;
  play(): void;
}

export interface Stepper extends Stepping {
  node: HTMLElement;
  update(header: BeamHeader): void;
}
