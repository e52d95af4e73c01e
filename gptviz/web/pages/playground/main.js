// The distribution playground: one prompt, one temperature, and everything that follows from them.

import { el, setText } from "../../kit/dom.js";
import { drawPanel, servePage } from "../../wire/page.js";
import { createTextbox } from "../../kit/textbox.js";
import { createEntropyCurve, createRankCurve } from "./curves.js";
import { createLive } from "./live.js";
import { createNucleus } from "./nucleus.js";
import { createRoll } from "./roll.js";
import { createSoftBars } from "./softbars.js";
import { createTemperature } from "./temperature.js";

const PARTS = {
  temperature: createTemperature,
  bars: createSoftBars,
  rank: createRankCurve,
  entropy: createEntropyCurve,
  roll: createRoll,
  nucleus: createNucleus,
};

// Parts of the link that mean nothing beside another text.
const TRAITS = { ofText: ["rolls"] };

export default servePage((grid, page) => {
  const live = createLive(page);
  grid.classList.add("playground");
  const card = (name) => el("section", { class: `card ${name}-card` });
  const promptCard = card("prompt");
  const box = createTextbox({ str: page.str, setText: page.setText, flush: page.flush });
  const share = el("button", {
    type: "button",
    class: "btn",
    "data-testid": "share",
    title: page.str("path.share_hint"),
    text: page.str("path.share"),
  });
  share.addEventListener("click", async () => {
    setText(share, page.str((await page.copyLink(share)) ? "path.shared" : "path.share_failed"));
    setTimeout(() => setText(share, page.str("path.share")), 2000);
  });
  promptCard.append(
    box.area,
    el(
      "div",
      { class: "prompt-bar" },
      el("span", { class: "try", text: page.str("prompt.try") }),
      box.examples,
      el("div", { class: "controls" }, share),
    ),
    box.notes,
  );
  grid.append(promptCard);
  page.onResize(promptCard, () => box.resize());
  const parts = Object.entries(PARTS).map(([name, create]) => {
    const host = card(name);
    grid.append(host);
    return create(host, page, live);
  });
  return {
    setText: box.setValue,
    update: (picture) => {
      box.update(picture.header);
      for (const part of parts) drawPanel(part, picture);
    },
    drawn: ({ header }) => header.running && page.pending("more") === 0 && page.act({ kind: "more" }),
    stop: live.stop,
  };
}, TRAITS);
