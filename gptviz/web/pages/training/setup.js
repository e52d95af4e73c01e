// What is learnt from, the model's shape and how it is trained, with the cost of it; the button; the trainings so far.

import { el, setAttr, setText, slots } from "../../kit/dom.js";
import { createCheck, createNumber, createSelect, showPairs } from "../../kit/fields.js";
import { save } from "../../kit/menu.js";
import { createHead, spacer } from "../../kit/panel.js";
import { createJobs } from "./jobs.js";
import { createOwn } from "./own.js";

/** @import { Field, Named } from "../../kit/fields.js" */
/** @import { Page, Panel, Shown } from "./types.d.ts" */
/** @import { TrainingControls, TrainingHeader } from "./message.d.ts" */

/** @typedef {{ low: number, high: number, step: string } | string[] | "flag"} Kind */
/** @type {(low: number, high: number, step: string) => Kind} */
const number = (low, high, step) => ({ low, high, step });

/** @type {[string, [keyof TrainingControls, Kind][]][]} */
const GROUPS = [
  [
    "model",
    [
      ["n_layer", number(1, 12, "1")],
      ["n_head", number(1, 16, "1")],
      ["n_embd", number(8, 768, "8")],
      ["block_size", number(16, 512, "16")],
      ["parts", ["classic", "modern", "both"]],
      ["twin", ["none", "warmup", "clipping", "rate"]],
      ["position", ["learned", "sinusoidal", "rotary"]],
      ["dropout", number(0, 0.9, "any")],
    ],
  ],
  [
    "learning",
    [
      ["batch_size", number(1, 128, "1")],
      ["accumulate", number(1, 64, "1")],
      ["learning_rate", number(0.00001, 100, "any")],
      ["warmup", number(0, 2000, "1")],
      ["schedule", ["cosine", "linear", "constant"]],
      ["optimizer", ["muon", "adamw"]],
      ["weight_decay", number(0, 10, "any")],
      ["grad_clip", number(0.01, 1000, "any")],
      ["precision", ["auto", "float32", "bfloat16", "float16"]],
      ["recompute", "flag"],
      ["run_seed", number(0, 2147483647, "1")],
    ],
  ],
  [
    "limits",
    [
      ["steps", number(10, 20000, "10")],
      ["seconds", number(0, 36000, "1")],
      ["patience", number(0, 50, "1")],
    ],
  ],
];
/** @type {[keyof TrainingControls, Kind][]} */
const OF_TEXTS = [
  ["letters", ["characters", "bytes", "bpe"]],
  ["learnt", number(257, 32768, "1")],
];

/** @type {(host: HTMLElement, api: Page) => Panel} */
export function createSetup(host, api) {
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
  const presets = el("div", { class: "presets edged", role: "group", "aria-label": api.str("training.presets") });
  const source = createSelect(api, named(api, "source"), []);
  const own = createOwn(api);
  /** @type {Map<string, Field>} */
  const fields = new Map();
  const ofTexts = OF_TEXTS.map(([name, kind]) => fieldOf(api, fields, name, kind));
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
    { class: "folded choices" },
    el("summary", { text: api.str("training.choices") }),
    ...GROUPS.map(([group, choices]) =>
      el(
        "fieldset",
        { class: "fields" },
        el("legend", { text: api.str(`training.${group}`) }),
        choices.map(([name, kind]) => fieldOf(api, fields, name, kind)),
      ),
    ),
  );
  const merges = el("p", { class: "merges mono", "data-testid": "merges" });
  const vocabulary = el(
    "details",
    { class: "folded" },
    el("summary", { text: api.str("training.vocabulary") }),
    el("p", { class: "hint", text: api.str("training.merges_hint") }),
    merges,
  );
  const jobs = createJobs(api);
  host.append(
    createHead(api.str("training.setup"), spacer(), more),
    presets,
    source.node,
    own.node,
    ...ofTexts,
    cost,
    problem,
    start,
    jobs.node,
    vocabulary,
    details,
  );
  return {
    update: (picture) => {
      state.picture = picture;
      const { header } = picture;
      showPresets(presets, header, api);
      source.offer(header.sources, (name) => api.str(`training.source.${name}`));
      for (const field of [source, ...fields.values()]) field.show();
      own.update(header);
      const view = api.view();
      const hidden = { letters: !header.text_learns, learnt: !header.text_learns || view.letters !== "bpe" };
      for (const [name, is] of Object.entries({
        ...hidden,
        position: view.parts === "both",
        twin: view.parts === "both",
      })) {
        const field = fields.get(name);
        if (field) setAttr(field.node, "hidden", is);
      }
      setAttr(vocabulary, "hidden", header.merges.length === 0);
      setText(merges, header.merges.map(([left, right]) => `${visible(left)}+${visible(right)}`).join("  "));
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

// A field of the form by what it may be; it is noted under its name.
/** @type {(api: Page, fields: Map<string, Field>, name: keyof TrainingControls, kind: Kind) => HTMLElement} */
function fieldOf(api, fields, name, kind) {
  const words = named(api, name);
  const field = Array.isArray(kind)
    ? createSelect(api, words, kind, (word) => api.str(`training.choice.${word}`))
    : kind === "flag"
      ? createCheck(api, words)
      : createNumber(api, words, kind);
  fields.set(name, field);
  return field.node;
}

// What a choice is called, and what it is for.
/** @type {(api: Page, name: keyof TrainingControls) => Named} */
function named(api, name) {
  return { name, label: api.str(`training.field.${name}`), hint: api.str(`training.hint.${name}`) };
}

/** @type {(token: string) => string} */
function visible(token) {
  return token.replaceAll(" ", "␣").replaceAll("\n", "↵").replaceAll("\t", "⇥");
}
