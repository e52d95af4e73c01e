// The task, what is learnt from, the method with its settings, and what it costs; the button; the tunings so far.

import { createColumns } from "../../kit/columns.js";
import { el, setAttr, setText, slots } from "../../kit/dom.js";
import { createNumber, createSelect, foldedFields, showPairs } from "../../kit/fields.js";
import { createJobs } from "../../kit/jobs.js";
import { createHead, spacer } from "../../kit/panel.js";
import { createUpload } from "../../kit/upload.js";

/** @import { Page, Panel, Shown } from "./types.d.ts" */
/** @import { TuningControls, TuningHeader } from "./message.d.ts" */

/** @type {[keyof TuningControls, number, number, string][]} */
const OWN = [
  ["rank", 1, 64, "1"],
  ["length", 1, 100, "1"],
  ["width", 1, 256, "1"],
  ["last_layers", 0, 48, "1"],
];
/** @type {[keyof TuningControls, number, number, string][]} */
const MORE = [
  ["epochs", 1, 50, "1"],
  ["batch_size", 1, 128, "1"],
  ["learning_rate", 0, 10, "any"],
  ["run_seed", 0, 2147483647, "1"],
];

/** @type {(host: HTMLElement, api: Page) => Panel} */
export function createSetup(host, api) {
  const named = (/** @type {string} */ name) => ({
    name,
    label: api.str(`tuning.field.${name}`),
    hint: api.str(`tuning.hint.${name}`),
  });
  /** @type {{ picture: Shown | null }} */
  const state = { picture: null };
  const cost = el("dl", { class: "cost", "data-testid": "cost" });
  const more = api.menu({
    title: () => api.str("tuning.setup"),
    reading: () => state.picture?.header.setup_reading ?? "",
    python: () => state.picture?.header.setup_python,
    table: () => ({
      columns: ["what", "how_much"].map((name) => api.str(`tuning.column.${name}`)),
      rows: state.picture?.header.cost ?? [],
    }),
    picture: () => cost,
  });
  const tasks = el("div", { class: "presets edged", role: "group", "aria-label": api.str("tuning.tasks") });
  const source = createSource(api);
  const method = createSelect(api, named("method"), []);
  const own = OWN.map(([name, low, high, step]) => ({ name, ...createNumber(api, named(name), { low, high, step }) }));
  const rest = [
    ...MORE.map(([name, low, high, step]) => createNumber(api, named(name), { low, high, step })),
    createSelect(api, named("pooling"), ["last", "mean"], (word) => api.str(`tuning.pooling.${word}`)),
  ];
  const problem = el("p", { class: "note warn", role: "status", "data-testid": "problem" });
  const start = el("button", {
    type: "button",
    class: "btn primary",
    "data-testid": "start-tuning",
    text: api.str("tuning.start"),
    title: api.str("tuning.start_hint"),
    onclick: () => api.act({ kind: "start" }),
  });
  const details = foldedFields(api.str("tuning.choices"), rest);
  const jobs = createJobs(api);
  const inMenu = el("p", { class: "hint in-menu", "data-testid": "model-note" });
  host.append(
    createHead(api.str("tuning.setup"), spacer(), more),
    tasks,
    source.node,
    el(
      "div",
      { class: "fields" },
      method.node,
      own.map(({ node }) => node),
    ),
    details,
    cost,
    problem,
    start,
    jobs.node,
    inMenu,
  );
  return {
    update: (picture) => {
      state.picture = picture;
      const { header } = picture;
      showTasks(tasks, header, api);
      source.update(header);
      const fits = header.methods.filter(([name, good]) => good || name === api.view().method).map(([name]) => name);
      method.offer(fits, (name) => api.str(`tuning.method.${name}`));
      for (const field of [method, ...own, ...rest]) field.show();
      for (const { name, node } of own) setAttr(node, "hidden", !header.fields.includes(name));
      showPairs(cost, header.cost);
      setText(problem, header.problem);
      setAttr(problem, "hidden", !header.problem);
      setAttr(start, "disabled", Boolean(header.problem) || !header.owned);
      jobs.update(picture);
      setText(inMenu, header.model_note);
      setAttr(inMenu, "hidden", !header.model_note);
    },
  };
}

/** @type {(host: HTMLElement, header: TuningHeader, api: Page) => void} */
function showTasks(host, header, api) {
  const made = slots(host, header.tasks.length, () => {
    const node = el("button", { type: "button", class: "pill preset", "data-testid": "task" });
    node.addEventListener("click", () => api.setView({ task: node.value, ...methodFor(node.value, api) }));
    return node;
  });
  header.tasks.forEach((name, i) => {
    setAttr(made[i], "value", name);
    setAttr(made[i], "aria-pressed", String(api.view().task === name));
    setText(made[i], api.str(`tuning.task.${name}`));
    setAttr(made[i], "title", api.str(`tuning.task_hint.${name}`));
  });
}

// A model that is to answer must be one by itself: a method that leaves it as it is gives way to LoRA.
/** @type {(task: string, api: Page) => { method?: string }} */
function methodFor(task, api) {
  const beside = ["adapter", "prefix", "prompt", "head"].includes(String(api.view().method));
  return task === "instructions" && beside ? { method: "lora" } : {};
}

// The set that ships, or a file of the visitor's with its columns.
/** @type {(api: Page) => { node: HTMLElement, update: (header: TuningHeader) => void }} */
function createSource(api) {
  const words = el("span", { class: "source-name", "data-testid": "source" });
  const upload = createUpload(api, {
    open: "tuning.open",
    too_large: "tuning.too_large",
    unreadable: "tuning.unreadable",
    accept: ".csv,.tsv,.jsonl,.json,.ndjson,.conll,.txt,.tsv,text/plain,text/csv,application/json",
  });
  const forget = el("button", {
    type: "button",
    class: "btn",
    text: api.str("tuning.forget"),
    "data-testid": "forget",
    onclick: () => api.act({ kind: "forget" }),
  });
  const columns = createColumns(api);
  const row = el("div", { class: "source-row" }, words, upload.nodes, forget);
  const node = el("div", { class: "source" }, row, columns.node);
  return {
    node,
    update: (header) => {
      upload.next();
      const task = api.str(`tuning.task.${api.view().task}`);
      setText(words, header.file || api.str("tuning.shipped", { task }));
      setAttr(forget, "hidden", !header.file);
      columns.show(header.columns, header.roles);
    },
  };
}
