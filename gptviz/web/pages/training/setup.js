// What is learnt from, the model's shape and how it is trained, with the cost of it; the button; the trainings so far.

import { el, setAttr, setText, slots } from "../../kit/dom.js";
import { createNumber, createSelect, showPairs } from "../../kit/fields.js";
import { save } from "../../kit/menu.js";
import { createHead, spacer } from "../../kit/panel.js";

/** @import { Page, Panel, Shown } from "./types.d.ts" */
/** @import { TrainingControls, TrainingHeader } from "./message.d.ts" */

/** @type {[keyof TrainingControls, number, number, string][]} */
const NUMBERS = [
  ["n_layer", 1, 12, "1"],
  ["n_head", 1, 16, "1"],
  ["n_embd", 8, 768, "8"],
  ["block_size", 16, 512, "16"],
  ["batch_size", 1, 128, "1"],
  ["steps", 10, 20000, "10"],
  ["learning_rate", 0.00001, 100, "any"],
  ["warmup", 0, 2000, "1"],
  ["grad_clip", 0.01, 1000, "any"],
  ["run_seed", 0, 2147483647, "1"],
];
/** @type {[keyof TrainingControls, string[]][]} */
const CHOICES = [
  ["position", ["learned", "sinusoidal", "rotary"]],
  ["optimizer", ["muon", "adamw"]],
];
const ACTS = ["pause", "go_on", "stop", "save", "delete"];
/** @type {Record<string, string[]>} */
const OFFERED = {
  waiting: ["pause", "delete"],
  running: ["pause", "stop"],
  paused: ["go_on", "stop", "delete"],
  done: ["save", "delete"],
  stopped: ["save", "delete"],
  failed: ["delete"],
};

/** @type {(host: HTMLElement, api: Page) => Panel} */
export function createSetup(host, api) {
  const named = (/** @type {string} */ name) => ({
    name,
    label: api.str(`training.field.${name}`),
    hint: api.str(`training.hint.${name}`),
  });
  /** @type {{ picture: Shown | null, saved: string }} */
  const state = { picture: null, saved: "" };
  const more = api.menu({
    title: () => api.str("training.setup"),
    reading: () => state.picture?.header.setup_reading ?? "",
    python: () => state.picture?.header.setup_python,
    table: () => ({
      columns: [api.str("training.column.part"), api.str("training.column.parameters")],
      rows: state.picture?.header.parts ?? [],
    }),
    picture: () => cost,
  });
  const presets = el("div", { class: "presets", role: "group", "aria-label": api.str("training.presets") });
  const source = createSelect(api, named("source"), []);
  const fields = [
    ...NUMBERS.map(([name, low, high, step]) => createNumber(api, named(name), { low, high, step })),
    ...CHOICES.map(([name, words]) =>
      createSelect(api, named(name), words, (word) => api.str(`training.choice.${word}`)),
    ),
  ];
  const cost = el("dl", { class: "cost", "data-testid": "cost" });
  const problem = el("p", { class: "note warn", role: "status" });
  const start = el("button", {
    type: "button",
    class: "btn primary",
    "data-testid": "start-training",
    text: api.str("training.start"),
    title: api.str("training.start_hint"),
    onclick: () => api.act({ kind: "start" }),
  });
  const details = el(
    "details",
    { class: "choices" },
    el("summary", { text: api.str("training.choices") }),
    el(
      "div",
      { class: "fields" },
      fields.map(({ node }) => node),
    ),
  );
  const jobs = createJobs(api);
  host.append(
    createHead(api.str("training.setup"), spacer(), more),
    presets,
    source.node,
    cost,
    problem,
    start,
    jobs.node,
    details,
  );
  return {
    update: (picture) => {
      state.picture = picture;
      const { header } = picture;
      showPresets(presets, header, api);
      source.offer(header.sources, (name) => api.str(`training.source.${name}`));
      for (const field of [source, ...fields]) field.show();
      showPairs(cost, header.cost);
      setText(problem, header.problem);
      setAttr(problem, "hidden", !header.problem);
      setAttr(start, "disabled", Boolean(header.problem) || !header.owned);
      jobs.update(header);
      if (header.archive && header.archive !== state.saved) {
        const zip = picture.blob("zip");
        if (zip) save(header.archive, "application/zip", new Blob([new Uint8Array(zip)]));
        state.saved = header.archive;
      } else if (!header.archive) state.saved = "";
    },
  };
}

/** @type {(host: HTMLElement, header: TrainingHeader, api: Page) => void} */
function showPresets(host, header, api) {
  const made = slots(host, header.presets.length, () => {
    const node = el("button", { type: "button", class: "pill preset", "data-testid": "preset" });
    node.addEventListener("click", () => api.act({ kind: "preset", name: node.value }));
    return node;
  });
  header.presets.forEach((name, i) => {
    setAttr(made[i], "value", name);
    setAttr(made[i], "aria-pressed", String(api.view().preset === name));
    setText(made[i], api.str(`training.preset.${name}`));
    setAttr(made[i], "title", api.str(`training.preset_hint.${name}`));
  });
}

/** @type {(api: Page) => { node: HTMLElement, update: (header: TrainingHeader) => void }} */
function createJobs(api) {
  const which = el("select", { "data-testid": "job", "aria-label": api.str("training.jobs") });
  which.addEventListener("change", () => api.act({ kind: "look", index: which.selectedIndex }));
  const words = el("p", { class: "job-state", role: "status", "data-testid": "job-state" });
  const progress = el("progress", { max: 1, value: 0, "aria-label": api.str("training.progress") });
  const buttons = ACTS.map((kind) =>
    el("button", {
      type: "button",
      class: "btn",
      "data-testid": `job-${kind}`,
      text: api.str(`training.act.${kind}`),
      onclick: () => api.act({ kind }),
    }),
  );
  const open = el("a", { class: "btn", "data-testid": "open-model", text: api.str("training.open") });
  const node = el("div", { class: "jobs" }, which, progress, words, el("div", { class: "acts" }, buttons, open));
  return {
    node,
    update: (header) => {
      setAttr(node, "hidden", !header.jobs.length);
      const made = slots(which, header.jobs.length, () => el("option", {}));
      header.jobs.forEach((job, i) => {
        setAttr(made[i], "value", job.id);
        const status = api.str(`training.status.${job.status}`);
        setText(made[i], `${job.title} · ${status}`);
      });
      if (which.value !== header.job) which.value = header.job;
      setAttr(which, "hidden", header.jobs.length < 2);
      const here = header.jobs.find(({ id }) => id === header.job);
      setText(words, header.state);
      progress.value = header.share;
      const offered = OFFERED[here?.status ?? ""] ?? [];
      buttons.forEach((button, i) => {
        const kind = ACTS[i];
        setAttr(button, "hidden", !offered.includes(kind) || (kind === "save" && !here?.model));
      });
      setAttr(open, "hidden", !here?.model);
      setAttr(open, "href", here?.model ? `./?model=${encodeURIComponent(here.model)}&lang=${header.lang}` : null);
    },
  };
}
