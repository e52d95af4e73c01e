// The two tasks, how much of them is learnt, the remedies that are tried; what it takes; the button; the runs so far.

import { el, setAttr, setText } from "../../kit/dom.js";
import { createNumber, createSelect, foldedFields, showPairs } from "../../kit/fields.js";
import { createJobs } from "../../kit/jobs.js";
import { createLabelled } from "../../kit/labelled.js";
import { createHead, spacer } from "../../kit/panel.js";

/** @import { Page, Panel, Shown } from "./types.d.ts" */
/** @import { ForgettingControls } from "./message.d.ts" */

/** @typedef {[keyof ForgettingControls, number, number, string]} Bounded */
/** @type {Bounded[]} */
const HOW_MUCH = [
  ["n_texts", 20, 400, "1"],
  ["epochs", 1, 50, "1"],
];
/** @type {["rehearsal" | "ewc" | "lora", Bounded][]} */
const REMEDIES = [
  ["rehearsal", ["rehearse", 0.125, 4, "any"]],
  ["ewc", ["strength", 0, 1e9, "any"]],
  ["lora", ["rank", 1, 64, "1"]],
];
/** @type {Bounded[]} */
const MORE = [
  ["learning_rate", 0, 1, "any"],
  ["run_seed", 0, 2147483647, "1"],
];

/** @type {(host: HTMLElement, api: Page) => Panel} */
export function createSetup(host, api) {
  /** @type {{ picture: Shown | null }} */
  const state = { picture: null };
  const named = (/** @type {string} */ name) => ({
    name,
    label: api.str(`forgetting.field.${name}`),
    hint: api.str(`forgetting.hint.${name}`),
  });
  const bounded = (/** @type {Bounded} */ [name, low, high, step]) =>
    createNumber(api, named(name), { low, high, step });
  const cost = el("dl", { class: "cost" });
  const more = api.menu({
    title: () => api.str("forgetting.setup"),
    reading: () => state.picture?.header.setup_reading ?? "",
    python: () => state.picture?.header.setup_python,
    table: () => ({
      columns: ["what", "how_much"].map((name) => api.str(`tuning.column.${name}`)),
      rows: state.picture?.header.cost ?? [],
    }),
    picture: () => (state.picture?.header.cost.length ? cost : null),
  });
  const tasks = [createSelect(api, named("first"), []), createSelect(api, named("then"), [])];
  const source = createLabelled(api, { open: "forgetting.open", hint: "tuning.file_hint" });
  const much = HOW_MUCH.map(bounded);
  const remedies = REMEDIES.map(([name, bounds]) => ({
    name,
    toggle: createToggle(api, name),
    field: bounded(bounds),
  }));
  const rest = MORE.map(bounded);
  const problem = el("p", { class: "note warn", role: "status", "data-testid": "problem" });
  const start = el("button", {
    type: "button",
    class: "btn primary",
    "data-testid": "start-forgetting",
    title: api.str("forgetting.start_hint"),
    onclick: () => api.act({ kind: "start" }),
  });
  const jobs = createJobs(api, {
    jobs: api.str("forgetting.jobs"),
    stop: api.str("forgetting.stop"),
    running: api.str("forgetting.running"),
  });
  host.append(
    createHead(api.str("forgetting.setup"), spacer(), more),
    fields(tasks),
    source.node,
    fields(much),
    el("p", { class: "remedies-head", text: api.str("forgetting.remedies") }),
    el(
      "div",
      { class: "presets", role: "group", "aria-label": api.str("forgetting.remedies") },
      remedies.map(({ toggle }) => toggle),
    ),
    fields(remedies.map(({ field }) => field)),
    foldedFields(api.str("tuning.choices"), rest),
    cost,
    problem,
    start,
    jobs.node,
  );
  return {
    update: (picture) => {
      state.picture = picture;
      const { header } = picture;
      const say = (/** @type {string} */ name) => api.str(`forgetting.task.${name}`);
      tasks[0].offer(header.firsts, say);
      tasks[1].offer(header.thens, say);
      for (const field of [...tasks, ...much, ...rest]) field.show();
      for (const { name, toggle, field } of remedies) {
        setAttr(toggle, "aria-pressed", String(Boolean(api.view()[name])));
        setAttr(field.node, "hidden", !api.view()[name]);
        field.show();
      }
      source.update(header, api.view().then === "own");
      showPairs(cost, header.cost);
      setText(problem, header.problem);
      setAttr(problem, "hidden", !header.problem);
      setText(start, header.button);
      setAttr(start, "disabled", Boolean(header.problem) || !header.owned);
      setAttr(more, "hidden", !header.cost.length);
      jobs.update(picture);
    },
  };
}

/** @type {(all: { node: HTMLElement }[]) => HTMLElement} */
function fields(all) {
  return el(
    "div",
    { class: "fields" },
    all.map(({ node }) => node),
  );
}

/** @type {(api: Page, name: "rehearsal" | "ewc" | "lora") => HTMLButtonElement} */
function createToggle(api, name) {
  return el("button", {
    type: "button",
    class: "pill preset",
    "data-testid": `with-${name}`,
    text: api.str(`forgetting.remedy.${name}`),
    title: api.str(`forgetting.remedy_hint.${name}`),
    onclick: () => api.setView({ [name]: !api.view()[name] }),
  });
}
