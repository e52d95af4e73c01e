// The slider through the moments of a run, or of two side by side, with what stands at the one looked at; play goes through them;
// and which runs these are.

import { el, fmtNumber, setAttr, setText, slots } from "../../kit/dom.js";
import { createHead, spacer } from "../../kit/panel.js";
import { createSlider } from "../../kit/slider.js";
import { createLetter } from "./sides.js";

/** @import { SnapshotsHeader } from "./message.d.ts" */
/** @import { Drawn, Page, Panel } from "./types.d.ts" */

const EVERY = 900; // ms a moment stands while it plays

/** @type {(host: HTMLElement, api: Page) => Panel & { stop: () => void }} */
export function createMoments(host, api) {
  /** @type {{ steps: number[], timer: ReturnType<typeof setInterval> | undefined }} */
  const memory = { steps: [], timer: undefined };
  const last = () => Math.max(0, memory.steps.length - 1);
  const here = () => Math.min(Number(api.view().at), last());
  const slider = createSlider({
    testid: "at",
    label: api.str("snapshots.slider"),
    range: { min: 0, max: 1, step: 1 },
    write: (at) => api.str("snapshots.step", { step: fmtNumber(memory.steps[at ?? 0] ?? 0) }),
    input: (at) => {
      stop();
      api.setView({ at });
    },
  });
  const play = el("button", {
    type: "button",
    class: "btn primary",
    "data-testid": "play",
    onclick: () => (memory.timer ? stop() : start()),
  });
  const which = createChoice(api);
  const [facts, other] = [createFacts(0), createFacts(1)];
  const differs = el("p", { class: "moment-differs", "data-testid": "differs" });
  host.append(
    createHead(api.str("snapshots.moments"), spacer(), which.node),
    el("div", { class: "moment-bar" }, play, el("span", { class: "slider" }, slider.input), slider.output),
    el("div", { class: "moment-both" }, el("div", {}, facts.node, other.node), differs),
  );
  const show = () => {
    setText(play, api.str(memory.timer ? "snapshots.pause" : "snapshots.play"));
    setAttr(play, "aria-pressed", String(Boolean(memory.timer)));
  };
  function stop() {
    clearInterval(memory.timer);
    memory.timer = undefined;
    show();
  }
  function start() {
    if (here() >= last()) api.setView({ at: 0 });
    memory.timer = setInterval(() => {
      if (here() >= last()) return stop();
      api.setView({ at: here() + 1 });
    }, EVERY);
    show();
  }
  show();
  return {
    stop,
    update: ({ header }) => {
      memory.steps = header.steps;
      slider.span(0, Math.max(1, last()), 1);
      slider.show(here());
      which.update(header);
      facts.show(header.facts, header.beside?.stands[0] ?? null);
      other.show(header.beside?.facts ?? [], header.beside?.stands[1] ?? null);
      setAttr(other.node, "hidden", !header.beside);
      setAttr(differs, "hidden", !header.beside);
      setText(differs, header.beside?.differs ?? "");
    },
  };
}

// Which run, and which other one beside it; there to be chosen where there are several.
/** @type {(api: Page) => { node: HTMLElement, update: (header: SnapshotsHeader) => void }} */
function createChoice(api) {
  const run = el("select", { "data-testid": "run", "aria-label": api.str("snapshots.run") });
  run.addEventListener("change", () => api.setView({ run: run.value, at: 64, layer: null, head: null }));
  const beside = el("select", { "data-testid": "beside", "aria-label": api.str("snapshots.beside") });
  beside.addEventListener("change", () => api.setView({ beside: beside.value }));
  const [one, two] = [createLetter(0), createLetter(1)];
  const node = el(
    "span",
    { class: "moment-runs" },
    one,
    run,
    el("small", { text: api.str("snapshots.against") }),
    two,
    beside,
  );
  /** @type {(select: HTMLSelectElement, offered: { name: string, title: string }[], chosen: string) => void} */
  const offer = (select, offered, chosen) => {
    const options = slots(select, offered.length, () => el("option", {}));
    offered.forEach(({ name, title }, i) => {
      setAttr(options[i], "value", name);
      setText(options[i], title);
    });
    if (select.value !== chosen) select.value = chosen;
  };
  return {
    node,
    update: (header) => {
      offer(run, header.runs, header.run);
      const others = header.runs.filter(({ name }) => name !== header.run);
      offer(beside, [{ name: "", title: api.str("snapshots.alone") }, ...others], header.beside?.run ?? "");
      setAttr(node, "hidden", header.runs.length < 2);
      for (const letter of [one, two]) setAttr(letter, "hidden", !header.beside);
    },
  };
}

// Where a run stands; of two, with its letter and, where that is another step than the slider's, which.
/** @type {(place: number) => { node: HTMLElement, show: (facts: [string, string][], stands: string | null) => void }} */
function createFacts(place) {
  const list = el("dl", { class: "moment-facts", "data-testid": place ? "other-facts" : "facts" });
  const [letter, words] = [createLetter(place), el("small", { class: "moment-stands" })];
  const node = el("div", { class: "moment-side" }, letter, list, words);
  return {
    node,
    show: (facts, stands) => {
      setAttr(letter, "hidden", stands === null);
      setAttr(words, "hidden", !stands);
      setText(words, stands ?? "");
      const made = slots(list, facts.length, () => el("div", {}, el("dt", {}), el("dd", { class: "mono" })));
      facts.forEach(([name, value], i) => {
        setText(made[i].children[0], name);
        setText(made[i].children[1], value);
      });
    },
  };
}
