// The step machine: one choice stage by stage, the tree of branches, two of them side by side. Prompt, path, seed and filters are
// the first screen's: what was stepped there is here, and back.

import { createWalk } from "../../kit/walk.js";
import { el } from "../../kit/dom.js";
import { drawPanel, servePage } from "../../wire/page.js";
import { createPair } from "./pair.js";
import { createPipeline } from "./pipeline.js";
import { createTree } from "./tree.js";

/** @import { Traits } from "../../types.d.ts" */
/** @import { StepsHeader } from "./message.d.ts" */

const STEP_PARTS = { pipeline: createPipeline, tree: createTree, pair: createPair };

// The controls are the first screen's, where position and key follow; a path, its branches and what is compared are of one text.
/** @type {Traits<StepsHeader>} */
const TRAITS = {
  follows: { pos: ["start", "chat", "system"], key: ["layer", "head", "start", "chat", "system"] },
  ofText: ["path", "at", "branches", "a", "b", "cmp", "pos", "key"],
};

export default servePage((grid, page) => {
  /** @param {string} name */
  const card = (name) => el("section", { class: "card " + name + "-card" });
  const promptCard = card("prompt");
  grid.append(promptCard);
  const walk = createWalk(promptCard, page);
  const api = { ...page, act: walk.act };
  const parts = Object.entries(STEP_PARTS).map(([name, create]) => {
    const host = card(name);
    grid.append(host);
    return create(host, api);
  });
  document.fonts.addEventListener("loadingdone", page.redraw); // the tree's nodes are as wide as their text
  return {
    setText: walk.setText,
    update: (picture) => {
      walk.update(picture);
      for (const part of parts) drawPanel(part, picture);
    },
    drawn: (picture) => {
      walk.drawn(picture);
      // branches whose log-probability has not been read yet come with the next pictures
      if (picture.header.running && page.pending() === 0) page.act({ kind: "more" });
    },
    stop: () => {
      document.fonts.removeEventListener("loadingdone", page.redraw);
      walk.stop();
    },
  };
}, TRAITS);
