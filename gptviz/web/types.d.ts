// What goes over the wire and what the parts of a page are given, for tsc; the browser never reads it.

import type { Picture as SavedPicture } from "./kit/picture.js";
import type { Theme } from "./kit/theme.js";

export type Strings = Record<string, string>;
/** The controls, by name; what they are is each page's business. */
export type View = Record<string, unknown>;
/** What is asked of Python: numbered once queued, so that none is lost or done twice. */
export type Action = { kind: string; q?: number; [field: string]: unknown };

/** One array of a picture, as the header describes it. */
export type BlobEntry = {
  dtype: string;
  shape: number[];
  offset: number;
  length: number;
  /** The shape of the array that this one is the difference to; null where it is whole. */
  base: number[] | null;
};
export type Blob = Uint8Array | Uint16Array | Float32Array;
/** What both kinds of them have. */
export interface Numbers extends ArrayLike<number>, Iterable<number> {
  subarray(begin?: number, end?: number): Numbers;
  reduce(then: (before: number, value: number, at: number) => number, first: number): number;
}

/** What a browser may send: characters of a text, of a longer one that a tab keeps, actions waiting, of a file in a message, of a file. */
export type Bounds = { chars: number; kept_chars: number; queue: number; piece: number; file: number };

/** What Python says in words and numbers. Beside what every page has, each panel finds its own part by name. */
export interface Header {
  rev: number;
  echo: number;
  acked: number;
  lang: string;
  strings_id: string;
  strings?: Strings;
  /** The name of this picture's arrays, empty where it has none; and of those that its own are differences to. */
  arrays_id: string;
  arrays_base: string;
  projector: boolean;
  debounce_ms: number;
  max_wait_ms: number;
  bounds: Bounds;
  text: string;
  examples: string[];
  notes: { level: string; text: string }[];
  ids: number[];
  view: View;
  /** The mark that the text can be read after; null where the model has none, or the page reads no text. */
  start: { id: number; label: string; on: boolean; usual: boolean } | null;
  /** Whether the text is read as a message, and the characters of a system line; null where the model has no chat template. */
  chat: { on: boolean } | null;
  link: string;
  /** The lesson that is open, at its present step. */
  lesson?: Lesson | null;
  /** The page's name, and whether Python made its state from nothing. */
  page?: string;
  fresh?: boolean;
  running: boolean;
  blobs?: Record<string, BlobEntry>;
}

/** One step of a lesson, as the rail shows it (ui/lessons/rail.py). */
export interface Lesson {
  name: string;
  title: string;
  at: number;
  of: number;
  heading: string;
  /** Paragraphs and entries of a list: kind, and spans of style and text. */
  text: [string, [string, string][]][];
  do: [string, string][];
  kind: string;
  options: string[];
  unit: string;
  passed: boolean;
  feedback: string;
  claim: string;
  right: number | null;
  answer: number | null;
  elsewhere: string;
  done: number[];
  hide: string[];
  folded: boolean;
  missing: boolean;
  words: Strings;
  kept: Record<string, unknown>;
}

/** All heads at a glance; the tiles are the array `mosaic`. */
export interface Mosaic {
  n_layer: number;
  n_head: number;
  tile: number;
  block: number;
  reading: string;
  python: string;
}

/** On a page with a path: how far along it the text is, and whether there is room for more. */
export interface PathHeader extends Header {
  path: { at: number; full: boolean; ended: boolean };
}

/** One message of Python, read. */
export interface Message<H extends Header = Header> {
  header: H;
  blob(name: string): Blob | null;
}

/** A message with the theme that it is drawn in. */
export interface Picture<H extends Header = Header> extends Message<H> {
  theme: Theme;
}

/** What the browser answers. */
export interface Answer {
  n: number;
  text: string;
  view: View;
  /** By name of a control: the message in which it was last given its value here. */
  since: Record<string, number>;
  queue: Action[];
  /** By name of a text: characters before it that stay in its box. */
  beyond?: Record<string, number>;
}

/** The browser's side of the conversation, see protocol.js. */
export interface Client {
  receive(header: Header): string | null;
  setText(text: string): void;
  setView(patch: View): void;
  setBeyond(name: string, count: number): void;
  act(action: Action): void;
  flush(): void;
  text(): string;
  view(): View;
  pending(kind?: string): number;
  waiting(): boolean;
  stop(): void;
}

/** A value, or a function that gives it when it is wanted. */
export type Lazy<T> = T | (() => T);
export type Cell = string | number | boolean | null | undefined;
export type Table = { columns: string[]; rows: Cell[][] };

/** What a panel's menu tells of it. */
export interface Spec {
  title: Lazy<string>;
  reading: Lazy<string>;
  python?: Lazy<string | undefined>;
  table: () => Table;
  /** What is waited for before the dialog opens: numbers that have not come yet. Nothing where all are here. */
  ready?: () => Promise<unknown> | null;
  /** What is saved: a canvas as it is, anything else drawn as it lies on the page; null while there is nothing. */
  picture: () => Element | SavedPicture | null;
}

export type Say = (key: string, values?: Record<string, unknown>) => string;
export type Size = { width: number; height: number };

export interface Menu {
  button(spec: Spec): HTMLElement;
  open(title: string, body: (close: () => void) => Node): void;
}

/** What the parts of a page may ask for. */
export interface Api<H extends Header = Header> {
  root: HTMLElement;
  setView(patch: View): void;
  act(action: Action): void;
  view(): H["view"];
  setText(text: string): void;
  setBeyond(name: string, count: number): void;
  bounds(): Bounds;
  flush(): void;
  text(): string;
  pending(kind?: string): number;
  picture(): Picture<H> | null;
  str: Say;
  has(key: string): boolean;
  menu: Menu["button"];
  dialog: Menu["open"];
  redraw(): void;
  onResize(node: Element, then: (size: Size) => void): void;
  copyLink(near: HTMLElement): Promise<boolean>;
}

/** What a page's build function gives. */
export interface Parts<H extends Header = Header> {
  update(picture: Picture<H>): void;
  setText?(text: string): void;
  drawn?(picture: Picture<H>): void;
  stop?(): void;
}

export type Build<H extends Header = Header> = (grid: HTMLElement, api: Api<H>) => Parts<H>;

/** Controls that follow what is drawn, each with those whose change lets it follow again (see protocol.js). */
export type Follows = Record<string, readonly string[] | undefined>;
export interface Traits<H extends Header = Header> {
  follows?: { [name in keyof H["view"]]?: readonly string[] };
  ofText?: readonly string[];
  /** What a screen reader is told of a picture, once whoever types has paused. */
  spoken?(header: H): string;
}

/** What Streamlit calls a component's entry point with. */
export interface Mount {
  parentElement: HTMLElement | ShadowRoot;
  data: Uint8Array;
  setStateValue(name: string, value: unknown): void;
}
