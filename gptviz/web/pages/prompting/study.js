// The study: its button, the studies so far, what can be told apart in words, and the picture of all that is measured.

import { el, fmtPercent, setAttr, setText, slots } from "../../kit/dom.js";
import { createNumber } from "../../kit/fields.js";
import { createJobs } from "../../kit/jobs.js";
import { createHead, spacer } from "../../kit/panel.js";
import { createPlot } from "../../kit/plot.js";
import { columnsOf, guessOf, pictureOf } from "./ways.js";

/** @import { Cell, Table } from "../../types.d.ts" */
/** @import { Page, Panel, Shown } from "./types.d.ts" */
/** @import { PromptingHeader } from "./message.d.ts" */

const KEYS = ["plain", "calibrated", "tuned", "learnt", "scratch", "words"];

/** @type {(host: HTMLElement, api: Page) => Panel} */
export function createStudy(host, api) {
  /** @type {{ picture: Shown | null }} */
  const state = { picture: null };
  const small = el("small", { "data-testid": "n-measured" });
  const more = api.menu({
    title: () => api.str("prompting.study"),
    reading: () => (state.picture?.header.study_reading ?? []).join(" "),
    python: () => state.picture?.header.study_python,
    table: () => studyTable(state.picture?.header, api),
    picture: () => (state.picture?.header.ways.length ? plot.picture : null),
  });
  const count = createNumber(
    api,
    { name: "n_texts", label: api.str("prompting.field.n_texts"), hint: api.str("prompting.hint.n_texts") },
    { low: 20, high: 120, step: "1" },
  );
  const problem = el("p", { class: "note warn", role: "status" });
  const start = el("button", {
    type: "button",
    class: "btn primary",
    "data-testid": "start-study",
    text: api.str("prompting.start"),
    title: api.str("prompting.start_hint"),
    onclick: () => api.act({ kind: "start" }),
  });
  const jobs = createJobs(api, {
    jobs: api.str("prompting.jobs"),
    progress: api.str("prompting.progress"),
    stop: api.str("prompting.stop"),
    running: api.str("prompting.measuring"),
  });
  const reading = el("ul", { class: "study-reading", "data-testid": "study-reading" });
  const body = el("div", { class: "curve-body", "data-testid": "ways" });
  const guess = el("span", {});
  const key = el(
    "p",
    { class: "ways-key" },
    KEYS.map((name) =>
      el("span", {}, el("i", { class: `way-dot ${name}` }), " ", api.str(`prompting.key.${name}`), " "),
    ),
    el("span", {}, el("i", { class: "way-guess" }), " ", guess),
  );
  const foreseen = el("p", { class: "curve-key" });
  host.append(
    createHead(api.str("prompting.study"), small, spacer(), more),
    el(
      "div",
      { class: "study-parts" },
      el("div", { class: "study-side" }, count.node, problem, start, jobs.node, reading),
      el("div", { class: "study-plot" }, body, key, foreseen),
    ),
  );
  const plot = createPlot(body, api.onResize);
  return {
    update: (picture) => {
      state.picture = picture;
      const { header } = picture;
      const there = header.ways.length > 0;
      count.show();
      setText(problem, header.study_problem);
      setAttr(problem, "hidden", !header.study_problem || Boolean(header.asking_problem));
      setAttr(start, "disabled", Boolean(header.study_problem) || !header.owned);
      jobs.update(picture);
      const made = slots(reading, header.study_reading.length, () => el("li", {}));
      header.study_reading.forEach((said, i) => setText(made[i], said));
      setText(small, there ? api.str("prompting.texts", { count: header.n_measured }) : "");
      setAttr(more, "hidden", !there);
      const columns = columnsOf(header, api);
      const told = { ways: header.n_ways, texts: header.n_measured, guess: fmtPercent(header.majority[0], 0) };
      setText(foreseen, there || !header.n_ways ? "" : api.str("prompting.foreseen", told));
      setAttr(foreseen, "hidden", there);
      setText(guess, guessOf(header.majority, api));
      plot.draw(pictureOf(header, columns, api), picture.theme);
    },
  };
}

/** @type {(header: PromptingHeader | undefined, api: Page) => Table} */
function studyTable(header, api) {
  const named = (/** @type {string[]} */ ...names) => names.map((name) => api.str(`prompting.column.${name}`));
  const between = (/** @type {[number, number, number] | null} */ share) =>
    share ? `${fmtPercent(share[1])} – ${fmtPercent(share[2])}` : "–";
  /** @type {Cell[][]} */
  const rows = (header?.ways ?? []).map((way) => [
    api.str(`prompting.kind.${way.kind}`),
    way.shots,
    way.order.map((at) => at + 1).join(" "),
    way.pattern || "–",
    way.plain[0],
    between(way.plain),
    way.calibrated ? way.calibrated[0] : null,
    between(way.calibrated),
  ]);
  const guess = header?.majority ?? [0, 0, 0];
  return {
    columns: [
      ...named("what", "shots", "order"),
      api.str("prompting.field.pattern"),
      ...named("plain", "interval", "calibrated", "interval"),
    ],
    rows: [...rows, [api.str("prompting.kind.guess"), null, "", "–", guess[0], between(guess), null, "–"]],
  };
}
