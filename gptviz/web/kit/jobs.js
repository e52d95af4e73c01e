// The jobs of a visitor on a page that starts some (tunings, alignments): which there are, where the one looked at stands, its buttons.

import { el, setAttr, setText, slots } from "./dom.js";
import { save } from "./menu.js";

/** @import { Api, Header, Picture } from "../types.d.ts" */
/** @typedef {{ id: string, title: string, status: string, model: string, saves: string[] }} JobView */
/** @typedef {Header & { jobs: JobView[], job: string, state: string, share: number, archive: string }} JobsHeader */

const ACTS = ["go_on", "stop", "delete"];
const SAVES = ["model", "adapter", "learnt"];
/** @type {Record<string, string[]>} */
const OFFERED = {
  waiting: ["delete"],
  running: ["stop"],
  paused: ["go_on", "delete"],
  done: ["delete"],
  stopped: ["delete"],
  failed: ["delete"],
};

// The list, where the one looked at stands, and what can be done with it; `said`: what is called otherwise where nothing is tuned.
/** @type {(api: Api<any>, said?: { jobs?: string, progress?: string, stop?: string, running?: string }) => { node: HTMLElement, update: (picture: Picture<any>) => void }} */
export function createJobs(api, said = {}) {
  let saved = "";
  const which = el("select", { "data-testid": "job", "aria-label": said.jobs ?? api.str("tuning.jobs") });
  which.addEventListener("change", () => api.act({ kind: "look", index: which.selectedIndex }));
  const words = el("p", { class: "job-state", role: "status", "data-testid": "job-state" });
  const progress = el("progress", { max: 1, value: 0, "aria-label": said.progress ?? api.str("tuning.progress") });
  const button = (/** @type {string} */ name, /** @type {() => void} */ onclick) =>
    el("button", {
      type: "button",
      class: "btn",
      "data-testid": `job-${name}`,
      text: (name === "stop" && said.stop) || api.str(`tuning.act.${name}`),
      onclick,
    });
  const acts = ACTS.map((kind) => button(kind, () => api.act({ kind })));
  const saves = SAVES.map((what) => button(what, () => api.act({ kind: "save", what })));
  const open = el("a", { class: "btn", "data-testid": "open-model", text: api.str("tuning.open_model") });
  const node = el("div", { class: "jobs" }, which, progress, words, el("div", { class: "acts" }, acts, saves, open));
  return {
    node,
    update: (picture) => {
      /** @type {JobsHeader} */
      const header = picture.header;
      setAttr(node, "hidden", !header.jobs.length);
      const made = slots(which, header.jobs.length, () => el("option", {}));
      header.jobs.forEach((job, i) => {
        setAttr(made[i], "value", job.id);
        const status = (job.status === "running" && said.running) || api.str(`tuning.status.${job.status}`);
        setText(made[i], `${job.title} · ${status}`);
      });
      if (which.value !== header.job) which.value = header.job;
      setAttr(which, "hidden", header.jobs.length < 2);
      const here = header.jobs.find(({ id }) => id === header.job);
      setText(words, header.state);
      progress.value = header.share;
      setAttr(progress, "hidden", here?.status !== "running");
      const offered = OFFERED[here?.status ?? ""] ?? [];
      acts.forEach((one, i) => setAttr(one, "hidden", !offered.includes(ACTS[i])));
      saves.forEach((one, i) => setAttr(one, "hidden", !here?.saves.includes(SAVES[i])));
      setAttr(open, "hidden", !here?.model);
      setAttr(open, "href", here?.model ? `./?model=${encodeURIComponent(here.model)}&lang=${header.lang}` : null);
      if (header.archive && header.archive !== saved) {
        const zip = picture.blob("zip");
        if (zip) save(header.archive, "application/zip", new Blob([new Uint8Array(zip)]));
      }
      saved = header.archive;
    },
  };
}
