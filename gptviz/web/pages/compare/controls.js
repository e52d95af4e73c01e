// The card on top: the prompt, what is compared, seed and length, run and stop.

import { el, fmtPercent, setAttr, setClass, setStyle, setText } from "../../kit/dom.js";
import { filesBody } from "./files.js";
import { createTextbox } from "../../kit/textbox.js";

// Gives { node, setValue, resize, update(header), toggle() }.
export function createControls(api) {
  const memory = { header: null };
  const toggle = () => api.act({ kind: memory.header?.running ? "stop" : "run" });
  const box = createTextbox({
    str: api.str,
    setText: api.setText,
    flush: api.flush,
    act: () => api.act({ kind: "run" }),
  });
  box.examples.addEventListener("click", (event) => event.target.closest("button") && api.act({ kind: "run" }));
  const preset = presetPicker(api);
  const seed = numberBox("seed", api);
  const n = numberBox("n", api);
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
  const share = button("share", () => shareLink(share, api));
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
  const node = el(
    "section",
    { class: "card prompt-card" },
    box.area,
    el(
      "div",
      { class: "prompt-bar" },
      el("span", { class: "try", text: api.str("prompt.try") }),
      box.examples,
      el("div", { class: "controls" }, preset.node, seed.node, reseed, n.node, add, files, share, run),
    ),
    box.notes,
    progress,
  );
  return {
    node,
    toggle,
    setValue: box.setValue,
    resize: box.resize,
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

function drawRun(run, header, api) {
  const key = header.running ? "stop" : "run";
  setText(run, api.str("compare." + key));
  setAttr(run, "title", api.str(`compare.${key}_hint`));
  setClass(run, "primary", !header.running && !header.complete);
  setAttr(run, "data-state", key);
}

function presetPicker(api) {
  const select = el("select", { "data-testid": "preset", "aria-label": api.str("compare.preset") });
  select.addEventListener("change", () => select.value && api.act({ kind: "preset", name: select.value }));
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

function numberBox(name, api) {
  const input = el("input", {
    type: "number",
    class: "mono",
    step: 1,
    inputmode: "numeric",
    "data-testid": name,
    title: api.str(`compare.${name}_hint`),
  });
  const commit = () => {
    const value = Math.floor(Number(input.value));
    const fits = input.value !== "" && value >= Number(input.min) && value <= Number(input.max);
    if (fits) api.setView({ [name]: value });
    else input.value = String(api.view()[name]);
  };
  input.addEventListener("change", commit);
  const update = ({ limits }) => {
    const [low, high] = name === "n" ? limits.n : [0, Number.MAX_SAFE_INTEGER];
    setAttr(input, "min", low);
    setAttr(input, "max", high);
    const typing = input.getRootNode().activeElement === input;
    const value = String(api.view()[name]);
    if (!typing && input.value !== value) input.value = value;
  };
  return {
    node: el("label", { class: "number-box" }, el("span", { text: api.str("compare." + name) }), input),
    update,
  };
}

async function shareLink(share, api) {
  const copied = await api.copyLink(share);
  setText(share, api.str(copied ? "compare.shared" : "compare.share_failed"));
  setTimeout(() => setText(share, api.str("compare.share")), 2000);
}
