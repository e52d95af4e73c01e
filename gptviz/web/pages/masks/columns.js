// One text under three masks, side by side: the mask as a square, how surprised the model is by each token, and how far what it said
// before moves if the last token is another: what shows through from the future.

import { el, fmtNumber, fmtPercent, numbersOf, setAttr, setClass, setStyle, setText, slots } from "../../kit/dom.js";
import { createNumber } from "../../kit/number.js";
import { createHead, spacer } from "../../kit/panel.js";
import { fitCanvas, surprisalColour } from "../../kit/theme.js";

/** @import { Page, Panel, Shown } from "./types.d.ts" */
/** @import { Column } from "./message.d.ts" */
/** @import { Table } from "../../types.d.ts" */

const KINDS = ["causal", "bidirectional", "prefix"];

/** @type {(host: HTMLElement, api: Page) => Panel} */
export function createColumns(host, api) {
  /** @type {Shown | null} */
  let shown = null;
  const said = () => shown?.header.columns.map(({ reading }) => reading).join(" ") || api.str("empty.hint");
  const head = createHead(api.str("masks.title"), el("small", { text: api.str("masks.title_small") }), spacer());
  head.append(
    api.menu({
      title: api.str("masks.title"),
      reading: said,
      python: () => shown?.header.columns.at(-1)?.python ?? "",
      table: () => masksTable(shown, api),
      picture: () => (shown?.header.columns.length ? body : null),
    }),
  );
  const columns = KINDS.map((kind) => createColumn(kind, api));
  const body = el(
    "div",
    { class: "mask-columns", "data-testid": "masks" },
    columns.map((column) => column.node),
  );
  const empty = el("p", { class: "hint", text: api.str("empty.hint") });
  host.append(head, body, empty);
  return {
    update: (picture) => {
      shown = picture;
      const there = picture.header.columns.length > 0;
      setAttr(body, "hidden", !there);
      setAttr(empty, "hidden", there);
      const all = picture.header.columns;
      setAttr(body, "data-ids", all.some(({ waiting }) => waiting) ? "" : picture.header.ids.join(","));
      if (there) columns.forEach((column, i) => column.update(picture, all[i]));
    },
  };
}

/** @type {(kind: string, api: Page) => { node: HTMLElement, update: (picture: Shown, column: Column) => void }} */
function createColumn(kind, api) {
  const canvas = el("canvas", { role: "img", "data-testid": "mask-" + kind });
  const prefix = kind === "prefix" ? createNumber("prefix", api, { title: api.str("masks.prefix_hint") }) : null;
  const title = el(
    "h3",
    {},
    api.str("masks.kind." + kind),
    prefix ? el("label", { class: "prefix" }, el("span", { text: api.str("masks.prefix") }), prefix.input) : null,
  );
  const mean = el("b", { class: "mono" });
  const next = el("b", { class: "mono" });
  const leak = el("b", { class: "mono", "data-testid": "leak-" + kind });
  const facts = el(
    "dl",
    { class: "mask-facts" },
    ...[
      ["mean", mean],
      ["leak", leak],
      ["next", next],
    ].map(([name, value]) =>
      el(
        "div",
        {},
        el("dt", { text: api.str("masks.fact." + name), title: api.str("masks.fact_hint." + name) }),
        el("dd", {}, value),
      ),
    ),
  );
  const who = el("p", { class: "mask-who", text: api.str("masks.who." + kind) });
  const tokens = el("div", { class: "mask-tokens" });
  const before = el("p", { class: "mask-before", text: api.str("masks.before") });
  const reading = el("p", { class: "mask-says" });
  const node = el(
    "article",
    { class: "mask-column" },
    title,
    el(
      "div",
      { class: "mask-top" },
      el("div", { class: "mask-box" }, canvas),
      el("div", { class: "mask-told" }, who, facts),
    ),
    tokens,
    before,
    reading,
  );
  return {
    node,
    update: (picture, column) => {
      const { labels, waiting } = column;
      setAttr(node, "data-ids", column.ids.join(","));
      setClass(node, "waiting", waiting); // what stands here is of the text before
      setAttr(node, "aria-busy", String(waiting));
      prefix?.bound(1, Math.max(1, picture.header.ids.length));
      prefix?.show(api.view());
      setText(mean, column.mean === null ? "–" : api.str("masks.bits", { bits: fmtNumber(column.mean, 2) }));
      setText(leak, fmtPercent(column.leaks, 1));
      setText(next, `${column.best} ${fmtPercent(column.prob, 0)}`);
      setText(reading, column.reading);
      setAttr(canvas, "aria-label", api.str("masks.kind." + kind));
      paintMask(canvas, picture, kind, labels.length);
      showTokens(tokens, column, api);
    },
  };
}

/** @type {(node: HTMLElement, column: Column, api: Page) => void} */
function showTokens(node, column, api) {
  const { labels } = column;
  const made = slots(node, labels.length, () =>
    el("span", { class: "mask-token" }, el("span", {}), el("small", {}), el("i", {})),
  );
  labels.forEach((label, pos) => {
    const [name, number, bar] = made[pos].children;
    const [bits, leak] = [column.bits[pos], column.leak[pos]];
    setText(name, label);
    setText(number, bits === null ? "" : fmtNumber(bits, 1));
    setStyle(
      /** @type {HTMLElement} */ (made[pos]),
      "background-color",
      bits === null ? "transparent" : surprisalColour(bits),
    );
    setStyle(/** @type {HTMLElement} */ (bar), "width", ((leak ?? 0) * 100).toFixed(1) + "%");
    setAttr(
      made[pos],
      "title",
      api.str("masks.token_hint", {
        label,
        bits: bits === null ? "–" : fmtNumber(bits, 2),
        leak: leak === null ? "–" : fmtPercent(leak, 1),
      }),
    );
  });
}

/** @type {(canvas: HTMLCanvasElement, picture: Shown, kind: string, count: number) => void} */
function paintMask(canvas, picture, kind, count) {
  const { theme } = picture;
  const side = 108 * theme.type;
  const context = fitCanvas(canvas, side, side);
  const values = numbersOf(picture, kind + ".allowed");
  const cell = side / count;
  const gap = cell > 5 ? 1 : 0;
  context.lineWidth = 0.8;
  for (let query = 0; query < count; query += 1) {
    for (let key = 0; key < count; key += 1) {
      const [x, y] = [key * cell, query * cell];
      if (values[query * count + key]) {
        // what lies in the future is the point: it stands out
        context.fillStyle = theme.accent;
        context.globalAlpha = key > query ? 1 : 0.3;
        context.fillRect(x, y, cell - gap, cell - gap);
        context.globalAlpha = 1;
      } else if (cell > 3) {
        context.strokeStyle = theme.cut;
        context.beginPath();
        context.moveTo(x + cell * 0.2, y + cell * 0.8);
        context.lineTo(x + cell * 0.8, y + cell * 0.2);
        context.stroke();
      }
    }
  }
}

/** @type {(picture: Shown | null, api: Page) => Table} */
function masksTable(picture, api) {
  const columns = [
    api.str("masks.column.token"),
    ...KINDS.flatMap((kind) => [
      `${api.str("masks.kind." + kind)}: ${api.str("masks.column.bits")}`,
      `${api.str("masks.kind." + kind)}: ${api.str("masks.column.leak")}`,
    ]),
  ];
  const labels = picture?.header.columns[0]?.labels ?? [];
  const rows = labels.map((label, pos) => [
    label,
    ...(picture?.header.columns ?? []).flatMap(({ bits, leak, waiting }) =>
      waiting ? [null, null] : [bits[pos], leak[pos]],
    ),
  ]);
  return { columns, rows };
}
