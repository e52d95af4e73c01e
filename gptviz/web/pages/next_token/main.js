// The first screen: one component, one message, one picture. Its panels are linked: one selected position, layer, head and step
// everywhere.

import { el } from "../../kit/dom.js";
import { createMosaic } from "../../kit/mosaic.js";
import { drawPanel, servePage } from "../../wire/page.js";
import { createChips } from "./chips.js";
import { createDistribution } from "./distribution.js";
import { createAttention } from "./matrix.js";
import { createPath } from "./path.js";
import { createTour } from "./tour.js";
import { createWalk } from "../../kit/walk.js";

/** @import { Traits } from "../../types.d.ts" */

/** @import { NextTokenHeader, Page, Screen, Shown } from "./types.d.ts" */

const PANELS = {
  chips: createChips,
  attention: createAttention,
  mosaic: createMosaic,
  distribution: createDistribution,
  path: createPath,
};

// What no longer fits when the text is another; which position and key are looked at is the last and its strongest until one is held.
/** @type {Traits<NextTokenHeader>} */
const TRAITS = {
  follows: { pos: ["start", "chat", "system"], key: ["layer", "head", "start", "chat", "system"] },
  ofText: ["pos", "key", "path", "at", "branches"],
  spoken: ({ distribution }) => distribution?.reading ?? "",
};

export default servePage((grid, page) => {
  /** @param {string} name */
  const card = (name) => el("section", { class: "card " + name + "-card" });
  const promptCard = card("prompt");
  grid.append(promptCard);
  /** @type {Screen} */
  const screen = {
    page,
    hover: null,
    walk: createWalk(promptCard, page),
    panels: [],
    tour: createTour(promptCard, page),
  };
  const api = screenApi(screen);
  for (const [name, create] of Object.entries(PANELS)) {
    const host = card(name);
    grid.append(host);
    screen.panels.push(create(host, api));
  }
  document.fonts.addEventListener("loadingdone", page.redraw); // which chips are folded depends on how wide each is
  return {
    setText: screen.walk.setText,
    update: (picture) => drawScreen(screen, picture),
    drawn: screen.walk.drawn,
    stop: () => {
      document.fonts.removeEventListener("loadingdone", page.redraw);
      screen.walk.stop();
      screen.tour.stop();
    },
  };
}, TRAITS);

/** @type {(screen: Screen) => Page} */
function screenApi(screen) {
  return {
    ...screen.page,
    act: screen.walk.act,
    hover: (pos) => {
      if (pos === screen.hover) return;
      screen.hover = pos;
      for (const panel of screen.panels) panel.light(pos);
    },
  };
}

/** @type {(screen: Screen, picture: Shown) => void} */
function drawScreen(screen, picture) {
  picture.header.chips ??= []; // an empty prompt has none
  if (screen.hover !== null && screen.hover >= picture.header.ids.length) {
    screen.hover = null;
    for (const panel of screen.panels) panel.light(null);
  }
  screen.walk.update(picture);
  for (const panel of screen.panels) drawPanel(panel, picture, screen.hover);
  drawPanel(screen.tour, picture);
}
