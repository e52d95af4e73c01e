// The same numbers as training sees them: inputs and targets shifted by one, a loss at every position, all in one pass; their mean
// is the loss. The button reads the text one token at a time and compares.

import { el, fmtNumber, setAttr, setText, svg } from "../../kit/dom.js";
import { createHead, spacer } from "../../kit/panel.js";
import { scoreOf } from "./words.js";

/** @import { Page, Panel, Shown } from "./types.d.ts" */
/** @import { SurpriseView, Totals } from "./message.d.ts" */
/** @import { Table } from "../../types.d.ts" */
/** @import { Theme } from "../../kit/theme.js" */

const TRAIN_COLUMNS = 64;
const TRAIN_WIDTH = 62;
const TRAIN_LETTERS = 8;
const TRAIN_FONT = 12; // px at scale 1, see .shift in surprise.css

/** @type {(host: HTMLElement, api: Page) => Panel} */
export function createTraining(host, api) {
  /** @type {Shown | null} */
  let shown = null;
  const small = el("small", {});
  const head = createHead(api.str("surprise.training"), small, spacer());
  head.append(
    api.menu({
      title: api.str("surprise.training"),
      reading: () => trainingReading(shown, api),
      table: () => trainingTable(shown, api),
      python: () => trainingPython(shown),
      picture: () => (shown ? drawing : null),
    }),
  );
  const drawing = svg("svg", { class: "shift", role: "img" });
  const scroller = el("div", { class: "shift-box edged", tabindex: "0", "data-testid": "training" }, drawing);
  const loss = el("p", { class: "loss" });
  const check = el("button", {
    type: "button",
    class: "btn",
    "data-testid": "check",
    title: api.str("surprise.check_hint"),
    text: api.str("surprise.check_button"),
    onclick: () => api.act({ kind: "check" }),
  });
  const result = el("p", { class: "check-result", "data-testid": "check-result", role: "status" });
  const foot = el("div", { class: "train-foot" }, check, result);
  host.append(head, scroller, loss, foot);

  /** @param {Shown} picture */
  function update(picture) {
    const { sides, view } = picture.header;
    const side = sides[view.side] ?? sides[0];
    const at = sides[view.side] ? view.side : 0;
    shown = side?.totals ? picture : null;
    setAttr(host, "data-empty", !shown);
    setText(small, shown ? api.str("surprise.training_small") + (sides[1] ? " · " + "AB"[at] : "") : "");
    setAttr(check, "aria-disabled", shown ? null : "true");
    setText(result, picture.header.check ? picture.header.check.reading : "");
    setText(
      loss,
      side?.totals
        ? api.str("surprise.loss", {
            loss: fmtNumber(side.totals.loss, 3),
            perplexity: fmtNumber(side.totals.perplexity, 1),
            bits: fmtNumber(side.totals.mean_bits, 2),
            count: fmtNumber(side.n_scored),
          })
        : "",
    );
    if (side?.totals) drawShift(drawing, picture, at, side, side.totals, api);
    else drawing.replaceChildren();
  }
  return { update };
}

// How much larger all of it is drawn; for the back row as large as eight tokens leave room for.
/** @type {(theme: Theme) => number} */
function scaleOf({ type, big }) {
  return big ? (0.84 * big) / TRAIN_FONT : type;
}

// Inputs above, targets below: each target is the next input, which the slanted lines say; under them the losses, and their mean.
/** @type {(drawing: SVGSVGElement, picture: Shown, side: number, view: SurpriseView, totals: Totals, api: Page) => void} */
function drawShift(drawing, picture, side, view, totals, api) {
  const type = scaleOf(picture.theme);
  const names = view.start ? [view.start, ...view.labels] : view.labels;
  const count = Math.min(TRAIN_COLUMNS, names.length - 1);
  const [left, wide] = [58 * type, TRAIN_WIDTH * type];
  const [top, low, base, height] = [15 * type, 58 * type, 114 * type, 132 * type];
  const width = left + count * wide + 10;
  for (const [name, value] of Object.entries({ width, height, viewBox: `0 0 ${width} ${height}` }))
    setAttr(drawing, name, value);
  const scores = Array.from({ length: count }, (_, i) => scoreOf(picture, side, i + view.skipped));
  const most = Math.max(1e-9, ...scores.map((score) => score?.nats ?? 0));
  /** @param {number} nats */
  const bar = (nats) => (nats / most) * 34 * type;
  /** @type {SVGElement[]} */
  const parts = [
    { key: "surprise.input", y: top },
    { key: "surprise.target", y: low },
    { key: "surprise.nats", y: base + 14 * type },
  ].map(({ key, y }) => svg("text", { class: "row-name", x: 0, y, text: api.str(key) }));
  for (let i = 0; i < count; i += 1) {
    const x = left + i * wide;
    const selected = picture.header.view.side === side && picture.header.token === i + view.skipped;
    parts.push(
      svg("text", { class: "token", x: x + wide / 2, y: top, "text-anchor": "middle", text: shortened(names[i]) }),
    );
    parts.push(
      svg("path", { class: "arrow", d: `M${x + wide / 2} ${top + 5 * type}V${low - 13 * type}m-3 -4l3 4l3 -4` }),
    );
    if (i + 1 < count)
      parts.push(
        svg("path", {
          class: "shift-line",
          d: `M${x + wide * 0.62} ${low - 12 * type}L${x + wide * 1.38} ${top + 5 * type}`,
        }),
      );
    parts.push(
      svg("text", {
        class: selected ? "token sel" : "token",
        x: x + wide / 2,
        y: low,
        "text-anchor": "middle",
        text: shortened(names[i + 1]),
      }),
    );
    const score = scores[i];
    if (!score) continue;
    const tall = bar(score.nats);
    parts.push(
      svg(
        "rect",
        {
          class: selected ? "nats sel" : "nats",
          x: x + wide * 0.3,
          y: base - tall,
          width: wide * 0.4,
          height: Math.max(1, tall),
        },
        svg("title", { text: `${names[i + 1]}: ${fmtNumber(score.nats, 3)}` }),
      ),
    );
    parts.push(
      svg("text", {
        class: "figure",
        x: x + wide / 2,
        y: base + 14 * type,
        "text-anchor": "middle",
        text: fmtNumber(score.nats, 2),
      }),
    );
  }
  const mean = base - bar(Math.min(most, totals.loss));
  parts.push(svg("path", { class: "mean", d: `M${left} ${mean}H${width - 10}` }));
  parts.push(svg("text", { class: "row-name", x: 0, y: mean + 4 * type, text: api.str("surprise.mean_line") }));
  drawing.replaceChildren(...parts);
  setAttr(drawing, "aria-label", trainingReading(picture, api));
}

/** @type {(label: string) => string} */
function shortened(label) {
  const letters = [...label];
  return letters.length > TRAIN_LETTERS ? letters.slice(0, TRAIN_LETTERS - 1).join("") + "…" : label;
}

/** @type {(picture: Shown | null, api: Page) => string} */
function trainingReading(picture, api) {
  if (!picture) return api.str("empty.hint");
  const { sides, view, check } = picture.header;
  const side = sides[view.side] ?? sides[0];
  if (!side?.totals) return api.str("empty.hint");
  const said = api.str("surprise.reading.training", {
    count: fmtNumber(side.n_scored),
    loss: fmtNumber(side.totals.loss, 3),
    perplexity: fmtNumber(side.totals.perplexity, 1),
  });
  return check ? said + " " + check.reading : said;
}

/** @type {(picture: Shown | null, api: Page) => Table} */
function trainingTable(picture, api) {
  const columns = ["input", "target", "nats"].map((name) => api.str("surprise.column." + name));
  if (!picture) return { columns, rows: [] };
  const at = picture.header.sides[picture.header.view.side] ? picture.header.view.side : 0;
  const view = picture.header.sides[at];
  if (!view) return { columns, rows: [] };
  const names = view.start ? [view.start, ...view.labels] : view.labels;
  return {
    columns,
    rows: names.slice(1).map((target, i) => [names[i], target, scoreOf(picture, at, i + view.skipped)?.nats ?? null]),
  };
}

/** @type {(picture: Shown | null) => string} */
function trainingPython(picture) {
  return picture?.header.python ?? "";
}
