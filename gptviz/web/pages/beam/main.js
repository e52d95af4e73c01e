// The page "Beam search": the prompt and its settings, the tree, the hypothesis that is looked at, and what the search was worth.

import { el, setAttr, setText } from "../../kit/dom.js";
import { listenToKeys } from "../../kit/keys.js";
import { askForMore, createHead, spacer } from "../../kit/panel.js";
import { createPresetPrompt } from "../../kit/presets.js";
import { drawPanel, servePage } from "../../wire/page.js";
import { createControls } from "./controls.js";
import { createLadder, createRanking } from "./contest.js";
import { createDetail, fateSentence } from "./detail.js";
import { createStepper, shownSteps } from "./stepper.js";
import { createTree } from "./tree.js";

/** @import { Traits } from "../../types.d.ts" */
/** @import { BeamControls, BeamHeader, TreeView } from "./message.d.ts" */
/** @import { Page, Panel, Stepper } from "./types.d.ts" */
/** @import { Table } from "../../types.d.ts" */
/** @import { Node } from "./message.d.ts" */

// Parts of the link that mean nothing beside another text.
/** @type {Traits<BeamHeader>} */
const TRAITS = { ofText: ["step", "node"] };

export default servePage((grid, page) => {
  /** @param {string} name */
  const card = (name) => el("section", { class: "card " + name + "-card" });
  const host = card("prompt");
  const prompt = createPresetPrompt(
    host,
    page,
    (name) => page.str("beam.preset." + name),
    (name) => page.str("beam.preset_hint." + name),
  );
  const controls = createControls(page);
  const stepper = createStepper(page);
  const hosts = { tree: card("tree"), detail: card("detail"), ranking: card("ranking"), ladder: card("ladder") };
  const panels = [
    createTreePanel(hosts.tree, page, stepper),
    createDetail(hosts.detail, page),
    createRanking(hosts.ranking, page),
    createLadder(hosts.ladder, page),
  ];
  grid.append(host, controls.node, ...Object.values(hosts));
  const unlisten = listenToKeys(page.root, { step: stepper.step, back: stepper.back, play: stepper.play });
  const hide = () => document.hidden && stepper.stop();
  document.addEventListener("visibilitychange", hide);
  return {
    setText: prompt.setValue,
    update: (picture) => {
      prompt.update(picture.header);
      controls.update();
      stepper.update(picture.header);
      for (const panel of panels) drawPanel(panel, picture);
    },
    drawn: ({ header }) => askForMore(page, header),
    stop: () => {
      stepper.stop();
      unlisten();
      document.removeEventListener("visibilitychange", hide);
    },
  };
}, TRAITS);

// The tree with its head: what is shown, the stepper, whether pruned ones are shown, and the way to stop a long search.
/** @type {(host: HTMLElement, page: Page, stepper: Stepper) => Panel} */
function createTreePanel(host, page, stepper) {
  const tree = createTree(page);
  const small = el("small", { "data-testid": "tree-small" });
  const pruned = el("input", { type: "checkbox", "data-testid": "pruned" });
  pruned.addEventListener("change", () => page.setView({ pruned: pruned.checked }));
  const running = el("button", { type: "button", class: "link", "data-testid": "stop", hidden: true });
  running.addEventListener("click", () => page.act({ kind: running.dataset.kind ?? "stop" }));
  const hint = el("p", { class: "empty-hint" });
  /** @type {{ header: BeamHeader | null }} */
  const state = { header: null };
  const more = page.menu({
    title: () => page.str("beam.tree"),
    reading: () => state.header?.tree.reading ?? "",
    python: () => state.header?.tree.python,
    table: () => treeTable(page, state.header?.tree),
    picture: () => (state.header?.tree.nodes.length ? tree.svg() : null),
  });
  const head = createHead(
    page.str("beam.tree"),
    small,
    running,
    spacer(),
    el("label", { class: "check" }, pruned, page.str("beam.pruned")),
    stepper.node,
    more,
  );
  host.append(head, tree.node, hint);
  return {
    update: (picture) => {
      const { header } = picture;
      const view = page.view();
      state.header = header;
      pruned.checked = view.pruned;
      setText(small, treeWords(page, header, view));
      setText(hint, header.ids.length ? "" : page.str("empty.hint"));
      setAttr(running, "hidden", header.running || header.paused ? null : "");
      running.dataset.kind = header.paused ? "go" : "stop";
      setText(running, page.str(header.paused ? "beam.go" : "beam.stop"));
      tree.update(picture);
    },
  };
}

/** @type {(page: Page, header: BeamHeader, view: BeamControls) => string} */
function treeWords(page, { tree, limit }, view) {
  const at = shownSteps(tree, view);
  if (at === 0) return "";
  if (!tree.done && view.step === 0) return page.str("beam.growing", { step: tree.steps, steps: limit });
  if (view.step === 0) return page.str("beam.all_steps", { steps: tree.steps, looked: tree.nodes.length });
  const column = tree.nodes.filter((node) => node.step === at - 1);
  /** @param {string[]} fates */
  const count = (...fates) => column.filter((node) => fates.includes(node.fate)).length;
  return page.str("beam.this_step", {
    step: at,
    steps: tree.steps,
    looked: column.length,
    kept: count("kept"),
    finished: count("finished", "outscored"),
    pruned: count("crowded_out", "ended_too_low", "stopped"),
  });
}

/** @type {(page: Page, tree: TreeView | undefined) => Table} */
function treeTable(page, tree) {
  const names = [
    "step",
    "group",
    "rank",
    "token",
    "probability",
    "logprob",
    "penalty",
    "total",
    "score",
    "fate",
    "why",
    "text",
  ];
  /** @param {Node} n */
  const row = (n) => [
    n.step + 1,
    n.group + 1,
    n.rank,
    n.ends ? page.str("beam.end_token") : n.label,
    n.p,
    n.logprob,
    n.penalty,
    n.total,
    n.score,
    page.str("beam.short." + n.fate),
    tree ? fateSentence(page, tree, n, tree.steps) : "",
    n.text.replaceAll("\n", ""),
  ];
  return { columns: names.map((name) => page.str("beam.column." + name)), rows: (tree?.nodes ?? []).map(row) };
}
