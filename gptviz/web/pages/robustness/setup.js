// The ways that a trial tries, how, and what it costs; the button; the trials so far.

import { el, setAttr, setText, slots } from "../../kit/dom.js";
import { createNumber, foldedFields, showPairs } from "../../kit/fields.js";
import { createJobs } from "../../kit/jobs.js";
import { createHead, spacer } from "../../kit/panel.js";

/** @import { Page, Panel, Shown } from "./types.d.ts" */
/** @import { RobustnessControls } from "./message.d.ts" */

/** @type {[keyof RobustnessControls, number, number, string][]} */
const MORE = [
  ["epsilon", 0.001, 1, "any"],
  ["epochs", 1, 20, "1"],
  ["copies", 1, 4, "1"],
  ["attacked", 0, 60, "1"],
  ["flips", 1, 8, "1"],
  ["run_seed", 0, 2147483647, "1"],
];

/** @type {(host: HTMLElement, api: Page) => Panel} */
export function createSetup(host, api) {
  /** @type {{ picture: Shown | null }} */
  const state = { picture: null };
  const named = (/** @type {string} */ name) => ({
    name,
    label: api.str(`robustness.field.${name}`),
    hint: api.str(`robustness.hint.${name}`),
  });
  const cost = el("dl", { class: "cost", "data-testid": "cost" });
  const columns = ["measure", "of"].map((name) => api.str(`robustness.table.${name}`));
  const more = api.menu({
    title: () => api.str("robustness.setup"),
    reading: () => state.picture?.header.setup_reading ?? "",
    python: () => state.picture?.header.setup_python,
    table: () => ({ columns, rows: state.picture?.header.cost ?? [] }),
    picture: () => cost,
  });
  const ways = el("div", { class: "ways", role: "group", "aria-label": api.str("robustness.ways") });
  const rest = MORE.map(([name, low, high, step]) => createNumber(api, named(name), { low, high, step }));
  const details = foldedFields(api.str("tuning.choices"), rest);
  const problem = el("p", { class: "note warn", role: "status", "data-testid": "problem" });
  const start = el("button", {
    type: "button",
    class: "btn primary",
    "data-testid": "start-trial",
    text: api.str("robustness.start"),
    title: api.str("robustness.start_hint"),
    onclick: () => api.act({ kind: "start" }),
  });
  const jobs = createJobs(api, {
    jobs: api.str("robustness.jobs"),
    progress: api.str("robustness.progress"),
    stop: api.str("robustness.stop"),
    running: api.str("robustness.running"),
  });
  host.append(
    createHead(api.str("robustness.setup"), spacer(), more),
    el("p", { class: "hint", text: api.str("robustness.ways") }),
    ways,
    cost,
    details,
    problem,
    start,
    jobs.node,
  );
  return {
    update: (picture) => {
      state.picture = picture;
      const { header } = picture;
      showWays(ways, header.ways, api);
      for (const field of rest) field.show();
      showPairs(cost, header.cost);
      setText(problem, header.problem);
      setAttr(problem, "hidden", !header.problem);
      setAttr(start, "disabled", Boolean(header.problem) || !header.owned);
      jobs.update(picture);
    },
  };
}

/** @type {(host: HTMLElement, ways: [string, boolean][], api: Page) => void} */
function showWays(host, ways, api) {
  const made = slots(host, ways.length, () => {
    const node = el("button", { type: "button", class: "pill preset", "data-testid": "way" });
    node.addEventListener("click", () => {
      api.setView({ [node.value]: node.getAttribute("aria-pressed") !== "true" });
    });
    return el("div", { class: "way" }, node, el("small", {}));
  });
  ways.forEach(([name, on], i) => {
    const [node, hint] = made[i].children;
    setAttr(node, "value", name);
    setAttr(node, "aria-pressed", String(on));
    setText(node, api.str(`robustness.way.${name}`));
    setText(hint, api.str(`robustness.way_hint.${name}`));
  });
}
