// What is better (pairs, own choices, a file, a rule), how it is learnt, and what of it; the button; the runs so far.

import { el, fmtNumber, setAttr, setText, slots } from "../../kit/dom.js";
import { createNumber, createSelect, foldedFields } from "../../kit/fields.js";
import { createJobs } from "../../kit/jobs.js";
import { createHead, spacer } from "../../kit/panel.js";
import { createSheet } from "../../kit/sheet.js";
import { createUpload } from "../../kit/upload.js";

/** @import { Page, Panel, Shown } from "./types.d.ts" */
/** @import { AlignmentControls } from "./message.d.ts" */

const WAYS = ["dpo", "ppo"];
/** @type {[keyof AlignmentControls, number, number, string][]} */
const OWN = [
  ["epochs", 1, 50, "1"],
  ["beta", 0.001, 100, "any"],
  ["steps", 1, 500, "1"],
  ["kl", 0, 10, "any"],
];
/** @type {[keyof AlignmentControls, number, number, string][]} */
const MORE = [
  ["rank", 1, 64, "1"],
  ["learning_rate", 0, 1, "any"],
  ["run_seed", 0, 2147483647, "1"],
];

/** @type {(host: HTMLElement, api: Page) => Panel} */
export function createSetup(host, api) {
  const named = (/** @type {string} */ name) => ({
    name,
    label: api.str(`alignment.field.${name}`),
    hint: api.str(`alignment.hint.${name}`),
  });
  /** @type {{ picture: Shown | null }} */
  const state = { picture: null };
  const sheet = createSheet("pairs");
  const columns = ["prompt", "chosen", "rejected"].map((name) => api.str(`alignment.column.${name}`));
  const more = api.menu({
    title: () => api.str("alignment.setup"),
    reading: () => state.picture?.header.setup_reading ?? "",
    python: () => state.picture?.header.setup_python,
    table: () => ({ columns, rows: state.picture?.header.pairs ?? [] }),
    picture: () => (state.picture?.header.pairs.length ? sheet.node : null),
  });
  const ways = el("div", { class: "presets edged", role: "group", "aria-label": api.str("alignment.ways") });
  const source = createSelect(api, named("source"), []);
  const hint = el("p", { class: "hint" });
  const upload = createUpload(api, {
    open: "alignment.open",
    too_large: "tuning.too_large",
    unreadable: "tuning.unreadable",
    accept: ".csv,.jsonl,.json,.ndjson,text/csv,application/json",
  });
  const file = el("span", { class: "source-name", "data-testid": "source-file" });
  const row = el("div", { class: "source-row" }, file, upload.nodes);
  const own = OWN.map(([name, low, high, step]) => ({ name, ...createNumber(api, named(name), { low, high, step }) }));
  const rest = MORE.map(([name, low, high, step]) => createNumber(api, named(name), { low, high, step }));
  const details = foldedFields(api.str("tuning.choices"), rest);
  const problem = el("p", { class: "note warn", role: "status", "data-testid": "problem" });
  const start = el("button", {
    type: "button",
    class: "btn primary",
    "data-testid": "start-aligning",
    text: api.str("alignment.start"),
    title: api.str("alignment.start_hint"),
    onclick: () => api.act({ kind: "start" }),
  });
  const count = el("small", { "data-testid": "n-pairs" });
  const jobs = createJobs(api);
  host.append(
    createHead(api.str("alignment.setup"), spacer(), more),
    ways,
    el("div", { class: "fields" }, source.node),
    hint,
    row,
    el(
      "div",
      { class: "fields" },
      own.map(({ node }) => node),
    ),
    details,
    problem,
    start,
    jobs.node,
    el("p", { class: "pairs-head" }, el("b", { text: api.str("alignment.pairs_table") }), " ", count),
    sheet.node,
  );
  return {
    update: (picture) => {
      state.picture = picture;
      const { header } = picture;
      upload.next();
      showWays(ways, api);
      source.offer(header.sources, (name) => api.str(`alignment.source.${name}`));
      for (const field of [source, ...own, ...rest]) field.show();
      setText(hint, api.str(`alignment.source_hint.${api.view().source}`));
      setText(file, header.file);
      setAttr(row, "hidden", api.view().source !== "file");
      for (const { name, node } of own) setAttr(node, "hidden", !header.fields.includes(name));
      setText(problem, header.problem);
      setAttr(problem, "hidden", !header.problem);
      setAttr(start, "disabled", Boolean(header.problem) || !header.owned);
      setText(count, header.pairs.length ? api.str("alignment.pairs", { count: fmtNumber(header.n_pairs) }) : "");
      for (const node of [sheet.node, count.parentElement]) if (node) setAttr(node, "hidden", !header.pairs.length);
      sheet.show(columns, header.pairs);
      setAttr(more, "hidden", !header.pairs.length);
      jobs.update(picture);
    },
  };
}

/** @type {(host: HTMLElement, api: Page) => void} */
function showWays(host, api) {
  const made = slots(host, WAYS.length, () => {
    const node = el("button", { type: "button", class: "pill preset", "data-testid": "way" });
    node.addEventListener("click", () => api.setView({ by: node.value }));
    return node;
  });
  WAYS.forEach((name, i) => {
    setAttr(made[i], "value", name);
    setAttr(made[i], "aria-pressed", String(api.view().by === name));
    setText(made[i], api.str(`alignment.by.${name}`));
    setAttr(made[i], "title", api.str(`alignment.by_hint.${name}`));
  });
}
