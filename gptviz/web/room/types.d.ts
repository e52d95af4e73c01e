// Shapes of the students' page: what the server tells all phones, and one of them; see gptviz/room/room.py.

export interface Row {
  label: string;
  votes: number | null;
  share: number;
  p: number | null;
  actual: boolean;
}

export interface State {
  version: number;
  members: number;
  answered: number;
  ended: boolean;
  kind: "wait" | "guess" | "vote" | "probe" | "follow";
  number?: number;
  phase?: "open" | "closed" | "revealed";
  prompt?: string;
  options?: string[];
  how?: "pick" | "chips";
  chips?: number;
  named?: number;
  title?: string;
  link?: string;
  rows?: Row[];
  others?: number;
  model?: number[];
  actual?: { label: string; p: number; rank: number; drawn: boolean };
  right?: number | null;
  best?: string[];
}

export type Answer = { pick?: number; word?: string; chips?: number[] };

export interface Mine {
  name: string;
  number: number;
  answer: Answer | null;
  bits: number;
  hits: number;
  gain: number | null;
  hit: boolean | null;
}

/** What this browser keeps of a room. */
export interface Kept {
  room: string;
  token: string;
  name: string;
  code: string;
}

export type Say = (key: string, values?: Record<string, unknown>) => string;

/** What a question may ask for. */
export interface Asking {
  say: Say;
  state: State;
  answer: Answer | null;
  send(answer: Answer): void;
}
