// Made by `python -m gptviz.tools.message_types` from the page's panels and controls: not edited.

import type { Header } from "../../types.d.ts";

/** A room: how to find it, who is there. ``token`` is the teacher's, for this browser to keep. */
export interface Opened {
  id: string;
  token: string;
  code: string;
  address: string;
  link: string;
  qr_path: string;
  qr_size: number;
  alone: boolean;
  members: number;
  minutes_left: number;
  names: boolean;
  pairs: number;
  people: string[];
}

/** An option: votes (None: too few to be shown), the class's share, the model's probability once it is revealed. */
export interface TallyRow {
  label: string;
  votes: number | null;
  share: number;
  p: number | null;
  actual: boolean;
}

/** A typed word that nobody has let yet. */
export interface Waits {
  word: string;
  times: number;
}

/** The token that came. */
export interface Came {
  label: string;
  p: number;
  rank: number;
  drawn: boolean;
}

/** The round at hand. ``others`` and ``others_p``: the shares of class and model outside the rows. */
export interface Asked {
  number: number;
  kind: string;
  how: string;
  phase: string;
  prompt: string;
  link: string;
  rows: TallyRow[];
  others: number;
  others_p: number | null;
  answered: number;
  hands: number;
  waiting: number;
  queue: Waits[];
  actual: Came | null;
  right: number | null;
  entropy: number;
  model: string;
  reading: string;
  python: string;
}

/** One of those ahead. */
export interface Best {
  name: string;
  bits: number;
  hits: number;
}

/** One guess that is over, and all of them; bits where chips were laid. Shares are from 0 to 1. */
export interface Score {
  class_bits: number | null;
  model_bits: number | null;
  class_hits: number | null;
  model_hit: boolean | null;
  rounds: number;
  class_hits_mean: number;
  model_hits: number;
  chip_rounds: number;
  class_bits_mean: number;
  model_bits_mean: number;
  best: Best[];
  python: string;
}

/** The controls. */
export type RoomControls = {
  game: string;
  how: string;
  source: string;
  at: number | null;
  draws: number;
  question: number;
  start: string;
  chat: boolean;
  system: string;
};

/** All of the page's header. */
export interface RoomHeader extends Omit<Header, "view"> {
  view: RoomControls;
  room: Opened | null;
  known: boolean;
  wish: boolean;
  votes: string | null;
  shown: string;
  at: number;
  n_tokens: number;
  questions: string[];
  may_start: boolean;
  round: Asked | null;
  score: Score | null;
}
