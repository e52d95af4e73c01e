// The other run of a pair, on the plot of the one looked at: its lines are broken ones, and a line of words says whose is which.

import { el, setAttr, setText, slots } from "../../kit/dom.js";

/** @import { Line, Mark } from "../../kit/plot.js" */
/** @import { Page } from "./types.d.ts" */
/** @import { TrainingHeader } from "./message.d.ts" */

// What its losses span, for the axes; a run that diverges may leave the plot.
const HIGH = 1.3; // of where the other began

/** @type {(header: TrainingHeader) => [number, number][]} */
export function pairPoints({ pair, train, valid }) {
  const start = Math.max(train[0]?.[1] ?? 0, valid[0]?.[1] ?? 0, pair?.valid[0]?.[1] ?? 0) * HIGH;
  return [...(pair?.train ?? []), ...(pair?.valid ?? [])].map(([step, loss]) => [
    step,
    start ? Math.min(loss, start) : loss,
  ]);
}

/** @type {(header: TrainingHeader, log: boolean) => Line[]} */
export function pairLines({ pair }, log) {
  if (!pair) return [];
  return [
    { points: pair.train, class: "plain other" },
    { points: pair.valid.filter(([step]) => step > 0 || !log), class: "main other" },
  ];
}

// Where numbers ran away, of either run.
/** @type {(header: TrainingHeader) => Mark[]} */
export function pairMarks({ pair, train }) {
  if (!pair) return [];
  return [train, pair.train].flatMap((points, place) => {
    const [step, words] = pair.lost[place];
    const y = points.at(-1)?.[1];
    const name = place ? "lost other" : "lost";
    return step && y !== undefined ? [{ x: step, y, class: name, text: `× ${words}`, side: "below" }] : [];
  });
}

/** @type {(api: Page) => { node: HTMLElement, update: (header: TrainingHeader) => void }} */
export function createPairKey(api) {
  const runs = el("span", { class: "pair-runs" });
  const state = el("span", {});
  const both = el("a", { class: "link", "data-testid": "both-moments", text: api.str("training.both_moments") });
  const node = el("p", { class: "curve-key pair-key", "data-testid": "pair" }, runs, state, both);
  return {
    node,
    update: ({ pair }) => {
      setAttr(node, "hidden", !pair);
      if (!pair) return;
      const made = slots(runs, pair.names.length, (place) =>
        el("span", { class: "pair-run" }, el("i", { class: place ? "other" : "one" }), el("span", {})),
      );
      pair.names.forEach((name, place) => {
        setText(made[place].children[1], api.str("training.pair_run", { name, loss: pair.losses[place] }));
      });
      const under_way = pair.state === "running" || pair.state === "waiting";
      const words = api.str("training.pair_state", { state: api.str(`training.status.${pair.state}`) });
      setText(state, under_way ? words : "");
      setAttr(both, "hidden", !pair.query);
      setAttr(both, "href", pair.query ? `./snapshots?${pair.query}` : null);
    },
  };
}
