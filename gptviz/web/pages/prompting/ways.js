// All ways of asking as one picture: groups of columns, in each a ring (as it comes), a dot (calibrated) and an ink dot (a tuned head);
// in the last what is learnt from more examples. With the 95 % interval of each; the dashed line is who always says the most frequent label.

import { evenTicks } from "../../kit/axis.js";
import { fmtPercent } from "../../kit/dom.js";

/** @import { Guide, Line, Mark, PlotSpec } from "../../kit/plot.js" */
/** @import { Page } from "./types.d.ts" */
/** @import { PromptingHeader, Way } from "./message.d.ts" */
/** @typedef {{ x: number, kind: string, shots: number, name: string }} Column */

const APART = 0.24; // of a column's width, between what stands in it
const GAP = 0.6; // of a column, between two groups
/** @type {Record<string, { name: string, at: number }>} what is learnt from more examples, and where in its column */
const LEARNT = {
  tuned: { name: "learnt", at: -APART },
  scratch: { name: "scratch", at: 0 },
  words: { name: "words", at: APART },
};
const WIDE = 1.4; // columns from one of the last group to the next: three dots in each, and longer names
const EDGE = 0.75; // of a column, left of the first and right of the last

// Where each way of asking stands, measured or not yet.
/** @type {(header: PromptingHeader, api: Page) => Column[]} */
export function columnsOf({ all_shots, n_orders, study_patterns, counts }) {
  const most = Math.max(...all_shots);
  let x = 0;
  /** @type {(kind: string, names: string[], shots: (i: number) => number, step?: number) => Column[]} */
  const group = (kind, names, shots, step = 1) => {
    const made = names.map((name, i) => ({ x: x + step * i, kind, shots: shots(i), name }));
    x += step * names.length + GAP;
    return made;
  };
  const orders = Array.from({ length: n_orders }, (_, i) => String.fromCharCode(65 + i));
  return [
    ...group("shots", all_shots.map(String), (i) => all_shots[i]),
    ...group("order", orders, () => most),
    ...group(
      "pattern",
      study_patterns.map((_, i) => String(i + 1)),
      () => most,
    ),
    ...group("more", counts.map(String), (i) => counts[i], WIDE),
  ];
}

/** @type {(header: PromptingHeader, columns: Column[], api: Page) => PlotSpec} */
export function pictureOf({ ways, majority, study_reading, all_shots }, columns, api) {
  /** @type {Line[]} */
  const lines = [];
  /** @type {Mark[]} */
  const marks = [];
  const put = (/** @type {number} */ x, /** @type {Way["plain"]} */ [y, low, high], /** @type {string} */ name) => {
    lines.push({
      points: [
        [x, low],
        [x, high],
      ],
      class: `interval ${name}`,
    });
    marks.push({ x, y, class: name });
  };
  for (const way of ways) {
    const learnt = LEARNT[way.kind];
    if (learnt) {
      const found = columns.find(({ kind, shots }) => kind === "more" && shots === way.shots);
      if (found) put(found.x + learnt.at, way.plain, learnt.name);
      continue;
    }
    const mine = columns.filter(({ kind }) => kind === (way.kind === "head" ? "shots" : way.kind));
    const place = ways.filter(({ kind }) => kind === way.kind).indexOf(way);
    const byShots = way.kind === "shots" || way.kind === "head";
    const column = byShots ? mine.find(({ shots }) => shots === way.shots) : mine[place];
    if (!column) continue;
    if (way.kind === "head") put(column.x + APART, way.plain, "tuned");
    else {
      put(column.x - APART, way.plain, "plain");
      if (way.calibrated) put(column.x, way.calibrated, "calibrated");
    }
  }
  return {
    x: {
      min: -EDGE,
      max: (columns.at(-1)?.x ?? 0) + EDGE,
      title: api.str("prompting.ways_axis", { shots: Math.max(...all_shots) }),
      ticks: columns.map(({ x, name }) => [x, name]),
    },
    y: {
      min: 0,
      max: 1.08,
      title: api.str("prompting.axis"),
      ticks: evenTicks(0, 4, 1).map(([at]) => [at / 4, fmtPercent(at / 4, 0)]),
    },
    lines,
    guides: [
      { y: majority[0], class: "uniform", text: ways.length ? "" : guessOf(majority, api), side: "right" },
      ...groupsOf(columns, api),
    ],
    marks,
    label: study_reading.join(" "),
  };
}

// Who always says the most frequent label, in words: in the picture while there is room, then in its key.
/** @type {(majority: PromptingHeader["majority"], api: Page) => string} */
export function guessOf([share], api) {
  return `${api.str("prompting.guess")} ${fmtPercent(share, 0)}`;
}

// A line at the left of each group, with its name.
/** @type {(columns: Column[], api: Page) => Guide[]} */
function groupsOf(columns, api) {
  const firsts = columns.filter(({ kind }, i) => columns[i - 1]?.kind !== kind);
  return firsts.map(({ x, kind }) => ({ x: x - EDGE, class: "group", text: api.str(`prompting.group.${kind}`) }));
}
