// Shapes of the model page's own scripts, for tsc.

import type { Api, Table } from "../../types.d.ts";
import type { Cloze, Diversity, ModelHeader } from "./message.d.ts";

export type Page = Api<ModelHeader>;
/** What a card's menu says of it. */
export type TableTold = Table & { reading: string };
/** A row of the cloze table: its name, how many were right, how its samples repeat themselves. */
export type Scored = [name: string, score: Cloze, told?: Diversity];
