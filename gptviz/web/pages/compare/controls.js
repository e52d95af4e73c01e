// The card on top: the prompt, what is compared, seed and length, run and stop.

import { createShare } from "../../kit/buttons.js";
import { el, fmtPercent, setAttr, setClass, setStyle, setText, within } from "../../kit/dom.js";
import { createNumber } from "../../kit/number.js";
import { createPromptBox } from "../../kit/prompt.js";
import { filesBody } from "./files.js";

/** @import { CompareHeader } from "./message.d.ts" */
/** @import { Controls, Page } from "./types.d.ts" */

const SHARE = {
  text: "compare.share",
  hint: "compare.share_hint",
  done: "compare.shared",
  failed: "compare.share_failed",
};

// Gives { node, setValue, resize, update(header), toggle() }.
/** @type {(api: Page) => Controls} */
export function createControls(api) {
  /** @type {{ header: CompareHeader | null }} */
  const memory = { header: null };
  const toggle = () => api.act({ kind: memory.header?.running ? "stop" : "run" });
  const preset = presetPicker(api);
  const seed = numberBox("seed", api);
  const n = numberBox("n", api);
  /** @param {string} name @param {() => void} run @param {Record<string, string>} [more] */
  const button = (name, run, more) =>
    el("button", {
      type: "button",
      class: "btn",
      "data-testid": name,
      title: api.str(`compare.${name}_hint`),
      text: api.str("compare." + name),
      onclick: run,
      ...more,
    });
  const reseed = button("reseed", () => api.act({ kind: "seed" }));
  const add = button("add", () => add.getAttribute("aria-disabled") !== "true" && api.act({ kind: "add" }));
  const files = button("file", () => api.dialog(api.str("compare.files.title"), (close) => filesBody(api, close)), {
    "aria-haspopup": "dialog",
  });
  const share = createShare(api, { keys: SHARE });
  const run = el("button", { type: "button", class: "btn primary", "data-testid": "run", onclick: toggle });
  const bar = el("i", {});
  const progress = el(
    "div",
    {
      class: "progress",
      role: "progressbar",
      "aria-valuemin": 0,
      "aria-valuemax": 100,
      "aria-label": api.str("compare.run"),
    },
    bar,
  );
  const node = el("section", { class: "card prompt-card" });
  const box = createPromptBox(node, api, {
    controls: [preset.node, seed.node, reseed, n.node, add, files, share, run],
    act: () => api.act({ kind: "run" }),
  });
  box.examples.addEventListener("click", (event) => within(event, "button") && api.act({ kind: "run" }));
  node.append(progress);
  return {
    node,
    toggle,
    setValue: box.setValue,
    update: (header) => {
      memory.header = header;
      box.update(header);
      preset.update(header);
      for (const field of [seed, n]) field.update(header);
      setAttr(add, "aria-disabled", header.columns.length >= header.limits.columns[1] ? "true" : null);
      drawRun(run, header, api);
      progress.hidden = !header.running;
      setStyle(bar, "width", fmtPercent(header.progress));
      setAttr(progress, "aria-valuenow", Math.round(header.progress * 100));
    },
  };
}

/** @type {(run: HTMLElement, header: CompareHeader, api: Page) => void} */
function drawRun(run, header, api) {
  const key = header.running ? "stop" : "run";
  setText(run, api.str("compare." + key));
  setAttr(run, "title", api.str(`compare.${key}_hint`));
  setClass(run, "primary", !header.running && !header.complete);
  setAttr(run, "data-state", key);
}

/** @type {(api: Page) => { node: HTMLElement, update: (header: CompareHeader) => void }} */
function presetPicker(api) {
  const select = el("select", { "data-testid": "preset", "aria-label": api.str("compare.preset") });
  select.addEventListener("change", () => select.value && api.act({ kind: "preset", name: select.value }));
  /** @param {CompareHeader} given */
  const update = ({ presets, preset }) => {
    if (select.options.length === 0) {
      select.append(
        el("option", { value: "", text: api.str("compare.own"), hidden: true }),
        ...presets.map(({ key, title, hint }) => el("option", { value: key, text: title, title: hint })),
      );
    }
    if (select.value !== preset) select.value = preset;
    setAttr(select, "title", presets.find(({ key }) => key === preset)?.hint);
  };
  return { node: select, update };
}

/** @type {(name: "seed" | "n", api: Page) => { node: HTMLElement, update: (header: CompareHeader) => void }} */
function numberBox(name, api) {
  const { input, show, bound } = createNumber(name, api, { title: api.str(`compare.${name}_hint`) });
  /** @param {CompareHeader} given */
  const update = ({ limits }) => {
    const [low, high] = name === "n" ? limits.n : [0, Number.MAX_SAFE_INTEGER];
    bound(low, high);
    show(api.view());
  };
  return {
    node: el("label", { class: "number-box" }, el("span", { text: api.str("compare." + name) }), input),
    update,
  };
}
