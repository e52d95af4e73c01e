// Tuning: a task, data and a method with its cost; the picture while it learns; what came of it, measured and tried on what is typed.

import { createShare } from "../../kit/buttons.js";
import { createLights } from "../../kit/lights.js";
import { cardsOf } from "../../kit/panel.js";
import { createPromptBox } from "../../kit/prompt.js";
import { createWatch } from "../../kit/watching.js";
import { drawPanel, servePage } from "../../wire/page.js";
import { createCurve } from "./curve.js";
import { createData } from "./data.js";
import { createDelta } from "./delta.js";
import { createFilm } from "./film.js";
import { createMethods } from "./methods.js";
import { createReport } from "./report.js";
import { createSetup } from "./setup.js";
import { createTyped } from "./typed.js";
import { createWrong } from "./wrong.js";

/** @import { Traits } from "../../types.d.ts" */
/** @import { TuningHeader } from "./message.d.ts" */
/** @import { Page } from "./types.d.ts" */

/** @type {Traits<TuningHeader>} */
const TRAITS = {};

export default servePage((grid, page) => {
  grid.classList.add("lab", "tuning");
  const card = cardsOf(grid);
  const box = createPromptBox(card("prompt"), page, { controls: createShare(page) });
  const parts = [
    createSetup(card("setup"), page),
    createCurve(card("curve"), page),
    createTyped(card("typed"), page),
    createData(card("data"), page),
    createLights(card("lights"), page, () => expected(page)),
    createReport(card("report"), page),
    createWrong(card("wrong"), page),
    createMethods(card("methods"), page),
    createDelta(card("delta"), page),
  ];
  const film = createFilm(card("film"), page);
  const watch = createWatch(page);
  return {
    setText: box.setValue,
    update: (picture) => {
      box.update(picture.header);
      for (const part of [...parts, film]) drawPanel(part, picture);
    },
    drawn: ({ header }) => watch.drawn(header),
    stop: () => {
      watch.stop();
      film.stop();
    },
  };
}, TRAITS);

// What will be looked at, as gptviz/tuning/lights.py does.
/** @type {(page: Page) => string[]} */
function expected(page) {
  const { method, task } = page.view();
  const lora = method === "lora" || method === "adalora";
  /** @type {Record<string, boolean>} */
  const there = {
    start: method !== "prefix" && method !== "prompt",
    first: task !== "instructions",
    count: method === "lora",
    answers: task === "instructions",
    frozen: method !== "full",
    moved: true,
    merged: lora,
    budget: method === "adalora",
  };
  return Object.keys(there).filter((name) => there[name]);
}
