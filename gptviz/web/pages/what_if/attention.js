// The pattern of the chosen head before and after, as two small matrices on canvases.

import { el, setAttr, setText } from "../../kit/dom.js";
import { createHead, spacer } from "../../kit/panel.js";
import { paintedPicture } from "../../kit/pen.js";
import { fitCanvas } from "../../kit/theme.js";
import { lookFrom, queryOf } from "./changes.js";

/** @import { Page, Panel, Shown } from "./types.d.ts" */
/** @import { Table } from "../../types.d.ts" */

const SIDES = /** @type {const} */ (["before", "after"]);

/** @type {(host: HTMLElement, api: Page) => Panel} */
export function createAttention(host, api) {
  /** @type {{ picture: Shown | null }} */
  const state = { picture: null };
  const canvases = SIDES.map((side) => el("canvas", { role: "img", "data-testid": "attention-" + side }));
  const figures = canvases.map((canvas, i) =>
    el("figure", {}, canvas, el("figcaption", { text: api.str("change." + SIDES[i]) })),
  );
  const pair = el("div", { class: "attention-pair" }, figures);
  const said = el("p", { class: "change-reading", "data-testid": "attention-reading" });
  const head = createHead("", el("small", { text: api.str("what_if.attention_small") }), spacer());
  const title = /** @type {HTMLElement} */ (head.querySelector("h2"));
  head.append(
    api.menu({
      title: () => title.textContent ?? "",
      reading: () => state.picture?.header.attention_reading ?? "",
      python: () => state.picture?.header.change_python ?? "",
      table: () => table(state.picture, api),
      picture: () => {
        const shown = state.picture;
        if (!shown?.header.labels.length) return null;
        return paintedPicture(520, 260, shown.theme.panel, (context) =>
          SIDES.forEach((side, i) => paint(context, shown, side, 4 + i * 262, 4, 250, queryOf(api, shown))),
        );
      },
    }),
  );
  host.append(head, pair, said);
  const draw = () => {
    const shown = state.picture;
    if (!shown) return;
    const side = Math.max(60, Math.min(figures[0].clientWidth, 300));
    const query = queryOf(api, shown);
    canvases.forEach((canvas, i) => paint(fitCanvas(canvas, side, side), shown, SIDES[i], 0, 0, side, query));
  };
  for (const canvas of canvases)
    canvas.addEventListener("click", (event) => {
      const T = state.picture?.header.labels.length ?? 0;
      if (T) lookFrom(api, state.picture, Math.floor((event.offsetY / canvas.clientHeight) * T));
    });
  api.onResize(pair, draw);
  return {
    update: (picture) => {
      state.picture = picture;
      const { header } = picture;
      setText(title, api.str("what_if.attention", { layer: header.view.layer, head: header.view.head }));
      setText(said, header.attention_reading);
      canvases.forEach((canvas, i) =>
        setAttr(
          canvas,
          "aria-label",
          `${api.str("change." + SIDES[i])}: ${header.attention_reading || api.str("empty.hint")}`,
        ),
      );
      draw();
    },
  };
}

/** @type {(context: CanvasRenderingContext2D, picture: Shown, side: "before" | "after", x: number, y: number, size: number, query: number) => void} */
function paint(context, picture, side, x, y, size, query) {
  const [shades, T] = [picture.blob(side), picture.header.labels.length];
  if (!shades || !T) return;
  const cell = size / T;
  const gap = cell > 6 ? 1 : 0;
  for (let row = 0; row < T; row += 1) {
    for (let key = 0; key < T; key += 1) {
      const shade = shades[row * T + key];
      if (key > row && shade === 0) continue; // masked
      context.fillStyle = picture.theme.positive.css[shade];
      context.fillRect(x + key * cell, y + row * cell, cell - gap, cell - gap);
    }
  }
  context.strokeStyle = picture.theme.accent;
  context.lineWidth = 2;
  context.strokeRect(x + 1, y + query * cell + 1, size - 2, Math.max(2, cell - gap - 2));
}

/** @type {(picture: Shown | null, api: Page) => Table} */
function table(picture, api) {
  const labels = picture?.header.labels ?? [];
  const columns = [api.str("what_if.patch.token"), api.str("change.before"), api.str("change.after")];
  const T = labels.length;
  const query = picture ? queryOf(api, picture) : 0;
  const rows = labels.map((label, key) => [
    label,
    ...SIDES.map((side) => (picture?.blob(side)?.[query * T + key] ?? 0) / 255),
  ]);
  return { columns, rows };
}
