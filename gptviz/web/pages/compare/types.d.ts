// Shapes of the comparison's own scripts, for tsc.

import type { Api, Picture } from "../../types.d.ts";
import type { ColumnView, CompareHeader } from "./message.d.ts";

export type Page = Api<CompareHeader>;
export type Shown = Picture<CompareHeader>;
export type Value = number | string | boolean | null;
/** The strategy's name and its settings. */
export type Strategy = { name: string } & Record<string, Value>;

/** One column's card. */
export interface Column {
  card: HTMLElement;
  update(column: ColumnView, picture: Shown, step: number): void;
  follow(step: number): void;
}

export interface Controls {
  node: HTMLElement;
  toggle(): void;
  setValue(text: string): void;
  update(header: CompareHeader): void;
}

export interface Editor {
  open(number: number, card?: HTMLElement): void;
  close(): void;
  number(): number | null;
  update(header: CompareHeader, cards: Map<number, HTMLElement>): void;
}

export type Field = { name: string; node: HTMLElement; show(value: unknown): void };

export interface EditorMemory {
  number: number | null;
  kind: string | null;
  values: Partial<Strategy>;
  header: CompareHeader | null;
  rows: Field[];
}

export interface EditorParts {
  pick: HTMLSelectElement;
  hint: HTMLElement;
  fields: HTMLElement;
  node: HTMLElement;
}

/** The page: its parts, its columns by number, which step they last followed. */
export interface Screen {
  page: Page;
  cards: Map<number, Column>;
  step: number | null;
  known: number[] | null;
  controls: Controls;
  editor: Editor;
  bar: { node: HTMLElement; update(picture: Shown, step: number): void };
  columns: HTMLElement;
  draws: { card: HTMLElement; update(header: CompareHeader): void };
  download(header: CompareHeader): void;
}
