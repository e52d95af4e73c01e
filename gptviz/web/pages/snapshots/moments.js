// The slider through the moments of a run, with what stands at the one looked at; play goes through them; and which run it is.

import { el, fmtNumber, setAttr, setText, slots } from "../../kit/dom.js";
import { createHead, spacer } from "../../kit/panel.js";
import { createSlider } from "../../kit/slider.js";

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
  const which = el("select", { "data-testid": "run", "aria-label": api.str("snapshots.run") });
  which.addEventListener("change", () => api.setView({ run: which.value, at: 64, layer: null, head: null }));
  const facts = el("dl", { class: "moment-facts", "data-testid": "facts" });
  host.append(
    createHead(api.str("snapshots.moments"), spacer(), which),
    el("div", { class: "moment-bar" }, play, el("span", { class: "slider" }, slider.input), slider.output),
    facts,
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
      const options = slots(which, header.runs.length, () => el("option", {}));
      header.runs.forEach(({ name, title }, i) => {
        setAttr(options[i], "value", name);
        setText(options[i], title);
      });
      if (which.value !== header.run) which.value = header.run;
      setAttr(which, "hidden", header.runs.length < 2);
      const made = slots(facts, header.facts.length, () => el("div", {}, el("dt", {}), el("dd", { class: "mono" })));
      header.facts.forEach(([name, value], i) => {
        setText(made[i].children[0], name);
        setText(made[i].children[1], value);
      });
    },
  };
}
