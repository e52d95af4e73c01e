// Shapes of the first screen's own scripts, for tsc.

import type { Theme } from "../../kit/theme.js";
import type { Walk } from "../../kit/walk.js";
import type { Api, Numbers, Picture } from "../../types.d.ts";
import type { Chip, NextTokenHeader as Sent } from "./message.d.ts";

/** Without a text there are no chips: main.js puts an empty list there. */
export type NextTokenHeader = Sent & { chips: Chip[] };
export type Base = Api<NextTokenHeader>;
export type Shown = Picture<NextTokenHeader>;

/** What a panel may ask for: pointing at a position lights it in all of them. */
export interface Page extends Base {
  hover(pos: number | null): void;
}

export interface Panel {
  update(picture: Shown, hover?: number | null): void;
  light(pos: number | null): void;
}

export interface Screen {
  page: Base;
  hover: number | null;
  walk: Walk;
  panels: Panel[];
  tour: Tour;
}

export type Chosen = { pos: number; key: number };
/** A cell, or on the labels a row (key −1) or a column (query −1). */
export type At = { query: number; key: number };

/** In CSS pixels. */
export interface Geometry {
  width: number;
  height: number;
  left: number;
  top: number;
  wide: number;
  high: number;
  count: number;
  type: number;
  /** more than the panel holds: it scrolls */
  crowded: boolean;
  /** cells carry their number */
  numbered: boolean;
  fullWidth: number;
  fullHeight: number;
}

/** All that is painted. */
export interface Scene extends Chosen {
  picture: Shown;
  lit: number | null;
  hover: At | null;
  theme: Theme;
  stage: string;
  fitted: Map<string, string>;
  most: number;
  labels: string[];
  values: Numbers;
  words: { query: string; key: string };
}

/** Which cells are in view, and where the first of all would lie. */
export interface Visible {
  x: number;
  y: number;
  firstColumn: number;
  lastColumn: number;
  firstRow: number;
  lastRow: number;
}

export interface LabelPlace {
  x: number;
  y: number;
  right: boolean;
  size: number;
  room: number;
  strong: boolean;
}

export interface AttentionMemory {
  picture: Shown | null;
  lit: number | null;
  hover: At | null;
  geometry: Geometry | null;
  fitted: Map<string, string>;
  ids: string;
  zoomed: boolean;
  awaiting: (() => void)[];
}

export interface Legend {
  box: HTMLElement;
  low: HTMLElement;
  bar: HTMLElement;
  high: HTMLElement;
  colours?: string;
}

export interface AttentionParts {
  panel: HTMLElement;
  title: HTMLElement;
  layer: { node: HTMLSelectElement; show: (count?: number) => void };
  headPicker: { node: HTMLSelectElement; show: (count?: number) => void };
  stages: HTMLButtonElement[];
  switcher: HTMLElement;
  zoom: HTMLElement;
  canvas: HTMLCanvasElement;
  spacer: HTMLElement;
  scroll: HTMLElement;
  empty: HTMLElement;
  status: HTMLElement;
  legend: Legend;
  side: HTMLElement;
  head: HTMLElement;
}

/** A node of the path's line. */
export interface PathNode {
  index: number | "next";
  label: string;
  p?: number | null;
  forks?: number;
  classes: string;
  title: string;
  stuck?: boolean;
}

/** A part of an equation: quiet words (""), an operand, or the stage whose value it is. */
export type Term = [text: string, kind: string];

/** What lies where, in CSS pixels of the window. */
export type Box = { left: number; top: number; right: number; bottom: number };

/** What a card of the tour compares: the page when the card came, and now. */
export type TourStanding = {
  text: string;
  pos: number | null;
  key: number | null;
  head: string;
  temperature: number;
  at: number;
  chosen: number;
};

/** One card: what it points at, what it is about, and when it is done. */
export interface TourStep {
  name: string;
  at: string;
  around?: string;
  /** a click there does it too */
  press?: string;
  /** an event of the root does it */
  heard?: string;
  /** it speaks of the token after the last */
  last?: boolean;
  /** after it there is none */
  end?: boolean;
  done(now: TourStanding, then: TourStanding): boolean;
}

export type TourState = { at: number | null; since: TourStanding | null; done: boolean };

export interface TourCard {
  show(step: TourStep, at: number): void;
  praise(step: TourStep): void;
  hide(): void;
  place(): void;
}

export interface Tour {
  update(picture: Shown): void;
  stop(): void;
}
