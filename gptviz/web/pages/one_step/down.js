// The gradient's way down: how long it is in each tensor, block by block from the output to the embeddings. A tensor that is pressed
// gives the weight that is written out beside it.

import { el, fmtNumber, fmtPercent, setAttr, setClass, setStyle, setText, slots, within } from "../../kit/dom.js";
import { fmtOperand, fmtScientific } from "../../kit/numbers.js";
import { createHead, spacer } from "../../kit/panel.js";
import { indigo, inkOn } from "../../kit/theme.js";
import { shownOf, tellLines } from "./shown.js";

/** @import { Page, Panel, Shown } from "./types.d.ts" */
/** @import { Down, Tensor } from "./message.d.ts" */
/** @import { Table } from "../../types.d.ts" */

const TINT = 0.38; // of the scale: on what is darker no ink of so small a size can be read well

/** @type {(host: HTMLElement, api: Page) => Panel} */
export function createDown(host, api) {
  /** @type {Shown | null} */
  let shown = null;
  const small = el("small", {});
  const menu = api.menu({
    title: api.str("one_step.down"),
    reading: () => shown?.header.down.reading ?? api.str("one_step.needs_two"),
    python: () => shown?.header.down.python,
    table: () => downTable(shown, api),
    picture: () => (shown ? grid : null),
  });
  const grid = el("div", { class: "down-grid edged", "data-testid": "down", role: "group", tabindex: "0" });
  setAttr(grid, "aria-label", api.str("one_step.down"));
  const sums = el("div", { class: "sums mono", "data-testid": "down-sums" });
  host.append(createHead(api.str("one_step.down"), small, spacer(), menu), grid, sums);
  grid.addEventListener("click", (event) => {
    const name = within(event, "button")?.dataset.name;
    if (name) api.setView({ tensor: name, place: "" });
  });
  return {
    update: (picture) => {
      shown = shownOf(picture);
      setAttr(menu, "hidden", !shown);
      setAttr(grid, "hidden", !shown);
      if (!shown) return tellLines(sums, []);
      const { down } = shown.header;
      setText(small, api.str("one_step.norm", { norm: fmtNumber(down.norm, 3) }));
      drawGrid(grid, shown, api);
      tellLines(sums, sumsOf(down, api));
    },
  };
}

// Rows: what lies above the blocks, the blocks from the last to the first, the embeddings. Columns: the parts of a block, or tensor by
// tensor where there is no block.
/** @type {(down: Down) => { parts: string[], rows: { name: string, cells: Tensor[][] }[] }} */
function layOut({ tensors }) {
  const parts = [...new Set(tensors.filter(({ block }) => block !== null).map(({ part }) => part))];
  /** @type {{ block: number | null, name: string, cells: Tensor[][] }[]} */
  const rows = [];
  for (const tensor of tensors) {
    const { block, part } = tensor;
    const last = rows[rows.length - 1];
    const row =
      last && last.block === block ? last : { block, name: String(block ?? part), cells: parts.map(() => []) };
    if (row !== last) rows.push(row);
    if (block !== null)
      row.cells[parts.indexOf(part)].unshift(tensor); // the matrix above its bias
    else {
      if (!row.name.split(" ").includes(part)) row.name += ` ${part}`;
      row.cells.find((cell, at) => !cell.length || at === parts.length - 1)?.push(tensor);
    }
  }
  return { parts, rows };
}

/** @type {(grid: HTMLElement, picture: Shown, api: Page) => void} */
function drawGrid(grid, picture, api) {
  const { down } = picture.header;
  const { parts, rows } = layOut(down);
  setStyle(grid, "--parts", String(parts.length));
  const norms = down.tensors.map(({ gradient }) => gradient).filter((norm) => norm > 0);
  const [low, high] = [Math.log(Math.min(...norms)), Math.log(Math.max(...norms))];
  const made = slots(grid, rows.length + 1, () => el("div", { class: "down-row" }));
  fillNames(/** @type {HTMLElement} */ (made[0]), parts);
  rows.forEach(({ name, cells }, i) => {
    const row = /** @type {HTMLElement} */ (made[i + 1]);
    const held = slots(row, cells.length + 1, (at) => el("span", { class: at ? "down-cell" : "down-name" }));
    setText(held[0], /^\d+$/.test(name) ? api.str("one_step.block", { block: name }) : name);
    cells.forEach((tensors, at) => {
      const buttons = slots(held[at + 1], tensors.length, () =>
        el("button", { type: "button", class: "down-norm mono" }),
      );
      tensors.forEach((tensor, j) => {
        const share = tensor.gradient > 0 && high > low ? (Math.log(tensor.gradient) - low) / (high - low) : 0;
        const button = /** @type {HTMLElement} */ (buttons[j]);
        setText(button, fmtNorm(tensor.gradient));
        setAttr(button, "data-name", tensor.name);
        setAttr(button, "title", `${tensor.part}.${tensor.kind}`);
        setAttr(
          button,
          "aria-label",
          api.str("one_step.tensor", { name: tensor.name, norm: fmtOperand(tensor.gradient) }),
        );
        setAttr(button, "aria-pressed", String(tensor.name === down.chosen));
        setClass(button, "sel", tensor.name === down.chosen);
        setClass(button, "bias", tensor.kind === "bias");
        setStyle(button, "background", indigo(picture.theme, 0.04 + TINT * share));
        setStyle(button, "color", inkOn(picture.theme, 0.04 + TINT * share, 1));
      });
    });
  });
}

// Three figures, which is what fits: 12.3, 0.123, 1.2e−5
/** @type {(x: number) => string} */
function fmtNorm(x) {
  if (x === 0) return "0";
  if (x < 0.001) return fmtScientific(x, 0);
  return fmtNumber(x, x < 0.0995 ? 3 : x < 9.95 ? 2 : 1);
}

/** @type {(row: HTMLElement, parts: string[]) => void} */
function fillNames(row, parts) {
  setClass(row, "down-names", true);
  const held = slots(row, parts.length + 1, () => el("span", {}));
  parts.forEach((part, at) => setText(held[at + 1], part.replace(".", "\n")));
}

/** @type {(down: Down, api: Page) => string[]} */
function sumsOf({ tensors, norm, chosen }, api) {
  const tensor = tensors.find(({ name }) => name === chosen);
  if (!tensor) return [];
  return [
    api.str("one_step.norm_of", {
      name: `${tensor.block === null ? "" : `h.${tensor.block}.`}${tensor.part}.${tensor.kind}`,
      size: fmtNumber(tensor.size),
      norm: fmtOperand(tensor.gradient),
    }),
    `${fmtOperand(tensor.gradient)}² / ${fmtOperand(norm)}² = ${fmtPercent(norm ? (tensor.gradient / norm) ** 2 : 0)}`,
  ];
}

/** @type {(picture: Shown | null, api: Page) => Table} */
function downTable(picture, api) {
  const columns = ["tensor", "gradient_norm", "weight_norm", "size"].map((name) => api.str("one_step.column." + name));
  const tensors = picture?.header.down.tensors ?? [];
  return { columns, rows: tensors.map((one) => [one.name, one.gradient, one.weight, one.size]) };
}
