// The page of lessons: the list with how far one has come, and of the lesson looked at the questions, the plan and the sheets to print.

import { rememberLessons, tellLessons } from "../../kit/lesson_memory.js";
import { drawPanel, servePage } from "../../wire/page.js";
import { createChosen } from "./chosen.js";
import { createList } from "./list.js";

/** @import { Traits } from "../../types.d.ts" */
/** @import { LessonsHeader } from "./message.d.ts" */

/** @type {Traits<LessonsHeader>} */
const TRAITS = {};

export default servePage((grid, page) => {
  grid.classList.add("lessons");
  const parts = [createList(grid, page), createChosen(grid, page)];
  return {
    update: (picture) => {
      for (const part of parts) drawPanel(part, picture);
    },
    drawn: ({ header }) => {
      tellLessons(page.act);
      rememberLessons(header.progress);
    },
  };
}, TRAITS);
