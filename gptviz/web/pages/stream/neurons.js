// The neurons of one MLP that are most active at the position looked at, the tokens each promotes and suppresses there, and where on this
// text the chosen one fires.

import { el, fmtNumber, numbersOf, setAttr, setClass, setStyle, setText, slots, within } from "../../kit/dom.js";
import { createPicker } from "../../kit/buttons.js";
import { createHead, spacer } from "../../kit/panel.js";
import { signed } from "../../kit/theme.js";
import { shownOf, smallInkOn } from "./place.js";

/** @import { Neuron, Promoted } from "./message.d.ts" */
/** @import { Drawn, Page, Panel, Shown } from "./types.d.ts" */
/** @import { Table } from "../../types.d.ts" */

const NAMED = 3;

/** @type {(host: HTMLElement, api: Page) => Panel} */
export function createNeurons(host, api) {
  /** @type {Shown | null} */
  let shown = null;
  const small = el("small", {});
  const layer = createPicker("layer", api);
  const menu = api.menu({
    title: api.str("stream.neurons"),
    reading: () => shown?.header.neurons.reading ?? api.str("empty.hint"),
    python: () => shown?.header.neurons.python,
    table: () => neuronsTable(shown, api),
    picture: () => (shown ? panel : null),
  });
  const list = el("div", { class: "neuron-list", "data-testid": "neurons" });
  const where = el("p", { class: "neuron-where" });
  const text = el("p", { class: "neuron-text", "data-testid": "fires", tabindex: "0" });
  const panel = el("div", { class: "panel neurons" }, list, where, text);
  const hint = el("p", { class: "empty-hint" });
  host.append(
    createHead(api.str("stream.neurons"), small, spacer(), el("div", { class: "panel-head pick" }, layer.node), menu),
    panel,
    hint,
  );
  list.addEventListener("click", (event) => {
    const row = within(event, "button");
    if (row) api.setView({ neuron: Number(row.dataset.neuron) });
  });
  text.addEventListener("click", (event) => {
    const piece = within(event, "span");
    const last = (shown?.header.ids.length ?? 0) - 1;
    if (piece) api.setView({ pos: Number(piece.dataset.pos) === last ? null : Number(piece.dataset.pos) });
  });
  /** @param {Drawn} picture */
  function update(picture) {
    shown = shownOf(picture);
    setText(hint, shown ? "" : api.str("empty.hint"));
    setAttr(panel, "hidden", !shown);
    layer.show(shown?.header.sizes.n_layer);
    if (!shown) return setText(small, "");
    const { neurons } = shown.header;
    setText(
      small,
      api.str("stream.neurons_small", { active: fmtNumber(neurons.active), width: fmtNumber(neurons.width) }),
    );
    const chosen = chosenOf(shown, api);
    drawNeurons(list, neurons.neurons, chosen, api);
    setText(where, api.str("stream.fires", { number: neurons.neurons[chosen].number }));
    drawText(text, shown, chosen);
  }
  return { update };
}

// Which of the rows is chosen: that which this browser holds, else the most active.
/** @type {(picture: Shown, api: Page) => number} */
function chosenOf({ header }, api) {
  const wanted = api.view().neuron;
  return Math.max(
    0,
    header.neurons.neurons.findIndex((neuron) => neuron.number === wanted),
  );
}

/** @type {(host: HTMLElement, neurons: Neuron[], chosen: number, api: Page) => void} */
function drawNeurons(host, neurons, chosen, api) {
  const most = Math.max(1e-9, ...neurons.map((neuron) => Math.abs(neuron.activation)));
  const made = slots(host, neurons.length, () =>
    el(
      "button",
      { type: "button", class: "neuron" },
      el("span", { class: "neuron-number mono" }),
      el("span", { class: "neuron-track" }, el("i", {})),
      el("span", { class: "neuron-activation mono" }),
      el("span", { class: "neuron-words up" }),
      el("span", { class: "neuron-words down" }),
    ),
  );
  neurons.forEach((neuron, i) => {
    const node = /** @type {HTMLElement} */ (made[i]);
    const [number, track, activation, up, down] = /** @type {HTMLElement[]} */ ([...node.children]);
    const bar = /** @type {HTMLElement} */ (track.firstElementChild);
    setText(number, "#" + neuron.number);
    setStyle(bar, "width", ((Math.abs(neuron.activation) / most) * 100).toFixed(1) + "%");
    setClass(bar, "less", neuron.activation < 0);
    setText(activation, fmtNumber(neuron.activation, 2));
    setText(up, "↑ " + wordsOf(neuron.promoted));
    setText(down, "↓ " + wordsOf(neuron.suppressed));
    setAttr(up, "title", amountsOf(neuron.promoted));
    setAttr(down, "title", amountsOf(neuron.suppressed));
    setAttr(node, "data-neuron", neuron.number);
    setAttr(node, "aria-pressed", String(i === chosen));
    setAttr(node, "title", api.str("stream.neuron_hint", { size: fmtNumber(neuron.size, 2) }));
  });
}

/** @type {(tokens: Promoted[]) => string} */
function wordsOf(tokens) {
  return tokens
    .slice(0, NAMED)
    .map((token) => token.label)
    .join("  ");
}

/** @type {(tokens: Promoted[]) => string} */
function amountsOf(tokens) {
  return tokens.map((token) => `${token.label} ${fmtNumber(token.amount, 2)}`).join("\n");
}

/** @type {(host: HTMLElement, picture: Shown, chosen: number) => void} */
function drawText(host, picture, chosen) {
  const { header, theme } = picture;
  const count = header.ids.length;
  const values = numbersOf(picture, "fires").subarray(chosen * count, (chosen + 1) * count);
  const most = Math.max(1e-9, ...[...values].map(Math.abs));
  const made = slots(host, count, () => el("span", { class: "fires" }));
  for (let pos = 0; pos < count; pos += 1) {
    const node = /** @type {HTMLElement} */ (made[pos]);
    setText(node, header.sizes.labels[pos]);
    setStyle(node, "background", signed(theme, values[pos], most));
    setStyle(node, "color", smallInkOn(signed(theme, values[pos], most)));
    setAttr(node, "data-pos", pos);
    setAttr(node, "title", `${header.sizes.labels[pos]}  ${fmtNumber(values[pos], 3)}`);
    setClass(node, "sel", pos === header.pos);
  }
}

/** @type {(picture: Shown | null, api: Page) => Table} */
function neuronsTable(picture, api) {
  const columns = ["neuron", "activation", "size", "promotes", "suppresses"].map((name) =>
    api.str("stream.column." + name),
  );
  const rows = (picture?.header.neurons.neurons ?? []).map((neuron) => [
    neuron.number,
    neuron.activation,
    neuron.size,
    amountsOf(neuron.promoted).replaceAll("\n", ", "),
    amountsOf(neuron.suppressed).replaceAll("\n", ", "),
  ]);
  return { columns, rows };
}
