// The trainings so far: which is looked at, where it stands, and what can be done with it.

import { el, setAttr, setText, slots } from "../../kit/dom.js";

/** @import { Page } from "./types.d.ts" */
/** @import { TrainingHeader } from "./message.d.ts" */

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

/** @type {(api: Page) => { node: HTMLElement, update: (header: TrainingHeader) => void }} */
export function createJobs(api) {
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
