// The way through one head at one query, top to bottom: the stream and its norm, q above the keys that it meets, a row for each key
// from q·k to its weighted value, z below them, and back into the stream. Each number can be chosen; its sum stands beside.

import { createPicker } from "../../kit/buttons.js";
import { createChipList } from "../../kit/chips.js";
import { el, fmtNumber, numbersOf, setAttr, setStyle, setText } from "../../kit/dom.js";
import { createHead, spacer } from "../../kit/panel.js";
import { createKeys } from "./keys.js";
import { createStrip, largest } from "./strip.js";

/** @import { Full, Page, Panel, Shown } from "./types.d.ts" */
/** @import { Flow } from "./message.d.ts" */
/** @import { Strip } from "./strip.js" */
/** @import { Table } from "../../types.d.ts" */

const ROW = 20; // px, times the size of type
const BEFORE = ["x", "norm"];
const AFTER = ["concat", "own", "out", "mid"];

/** @type {(host: HTMLElement, api: Page) => Panel} */
export function createFlow(host, api) {
  /** @type {Full | null} */
  let shown = null;
  const layer = createPicker("layer", api);
  const head = createPicker("head", api);
  const small = el("small", {});
  const readout = el("span", { class: "readout mono", "data-testid": "cell-readout" });
  const hover = (/** @type {string} */ text) => setText(readout, text || api.str("attend.legend"));
  hover("");
  const top = createHead(api.str("attend.title"), layer.node, head.node, small, spacer(), readout);
  const chips = el("div", { class: "chips queries", role: "group", "aria-label": api.str("attend.queries") });
  const list = createChipList({
    list: chips,
    testid: "query",
    select: (pos) => api.setView({ pos, key: null }),
    hover: () => {},
  });
  const query = el("div", { class: "query-row" }, el("small", { text: api.str("attend.queries") }), chips);
  const before = BEFORE.map((step) => stripRow(step, api, hover));
  const after = AFTER.map((step) => stripRow(step, api, hover));
  const keys = createKeys(api, hover);
  const body = el(
    "div",
    { class: "flow", "data-testid": "flow" },
    before.map((row) => row.node),
    keys.node,
    after.map((row) => row.node),
  );
  const empty = el("p", { class: "hint", text: api.str("empty.hint") });
  const menu = api.menu({
    title: api.str("attend.title"),
    reading: () => shown?.header.flow.reading ?? api.str("empty.hint"),
    python: () => shown?.header.flow.python ?? "",
    table: () => flowTable(shown, api),
    picture: () => (shown ? body : null),
  });
  top.append(menu);
  host.append(top, query, body, empty);
  return {
    update: (picture) => {
      const { flow, ids } = picture.header;
      shown = flow ? /** @type {Full} */ (picture) : null;
      for (const part of [query, body]) setAttr(part, "hidden", !flow);
      setAttr(empty, "hidden", Boolean(flow));
      setAttr(body, "data-ids", ids.join(","));
      layer.show(flow?.n_layer);
      head.show(flow?.n_head);
      setText(small, flow ? sharedBy(flow, picture, api) : "");
      if (!shown || !flow) return;
      list.show(
        flow.labels.map((label, pos) => ({ label, number: String(pos), colour: "transparent", piece: null })),
        picture.header.view.pos ?? 0,
      );
      const high = ROW * picture.theme.type;
      setStyle(body, "--row", high + "px");
      for (const row of [...before, ...after]) row.show(shown, high);
      keys.update(shown, high);
    },
  };
}

// One vector as wide as the stream, with its name.
/** @type {(step: string, api: Page, hover: (text: string) => void) => { node: HTMLElement, show: (picture: Full, high: number) => void }} */
function stripRow(step, api, hover) {
  const name = api.str("attend.step." + step);
  /** @type {Strip} */
  const strip = createStrip({
    name,
    testid: "strip-" + step,
    hover,
    choose: (_, index) => api.setView({ step, index }),
  });
  const label = el("span", { class: "step-name", text: name, title: api.str("attend.hint." + step) });
  const node = el("div", { class: "strip-row" }, label, strip.node);
  return {
    node,
    show: (picture, high) => {
      const values = numbersOf(picture, "flow." + step);
      const { view, flow } = picture.header;
      const { step: chosen, index } = api.view();
      const group = step === "concat" ? { size: flow.head_dim, at: view.head } : undefined;
      const at = chosen === step ? { row: 0, index } : null;
      strip.show(
        { values, rows: 1, wide: values.length, high, most: largest(values), chosen: at, group },
        picture.theme,
      );
    },
  };
}

// Whose keys and values this head reads, where several share them; how long what it adds is.
/** @type {(flow: Flow, picture: Shown, api: Page) => string} */
function sharedBy(flow, picture, api) {
  const norm = { layernorm: "LayerNorm", rmsnorm: "RMSNorm" }[flow.norm] ?? flow.norm;
  const sizes =
    norm + " · " + api.str("attend.adds", { own: fmtNumber(flow.own_size, 2), stream: fmtNumber(flow.stream_size, 2) });
  const group = flow.n_head / flow.n_kv_head;
  if (group === 1) return sizes;
  const heads = Array.from({ length: group }, (_, i) => flow.kv_head * group + i).join(", ");
  return api.str("attend.shared", { kv: flow.kv_head, heads, head: picture.header.view.head }) + " · " + sizes;
}

/** @type {(picture: Full | null, api: Page) => Table} */
function flowTable(picture, api) {
  const names = ["key", "token", "raw", "scores", "masked", "pattern"];
  const columns = names.map((name) => api.str("attend.column." + name));
  if (!picture) return { columns, rows: [] };
  const { labels } = picture.header.flow;
  const numbers = names.slice(2).map((name) => numbersOf(picture, "flow." + name));
  const finite = (/** @type {number} */ x) => (Number.isFinite(x) ? x : "−∞");
  return { columns, rows: labels.map((label, key) => [key, label, ...numbers.map((of) => finite(of[key]))]) };
}
