// The tokens as chips: label, id, colour by surprisal (bits), and the token that was drawn to come next.

import { createChipList, createLabel, goesOn, writeLabel } from "../../kit/chips.js";
import { el, fmtNumber, fmtPercent, setAttr, setText } from "../../kit/dom.js";
import { createHead } from "../../kit/panel.js";
import { BITS_AT_FULL_COLOUR, surprisalColour } from "../../kit/theme.js";

/** @import { Chip } from "./message.d.ts" */
/** @import { Chips, ShownChip } from "../../kit/chips.js" */
/** @import { NextTokenHeader, Page, Panel } from "./types.d.ts" */
/** @import { Table } from "../../types.d.ts" */

// host: the panel; api as for every panel. Gives { update(picture), light(pos) }.
/** @type {(host: HTMLElement, api: Page) => Panel} */
export function createChips(host, api) {
  /** @type {{ header: NextTokenHeader | null, hover: number | null, ids: string | null }} */
  const memory = { header: null, hover: null, ids: null };
  const count = el("small", { class: "count" });
  const readout = el("span", { class: "chip-readout mono" });
  const drawn = el(
    "button",
    { type: "button", class: "chip next", "data-testid": "next", tabindex: "-1" },
    createLabel(),
    el("span", { class: "i", text: api.str("chips.drawn") }),
  );
  const tokens = el("span", { class: "tokens" });
  const list = el(
    "div",
    { class: "chips folded", "data-testid": "chips", role: "group", "aria-label": api.str("chips.title") },
    tokens,
    drawn,
  );
  const empty = el("p", { class: "hint", text: api.str("empty.hint") });
  const legend = el("span", { class: "legend-bits" }, "0", el("i"), BITS_AT_FULL_COLOUR + "+ " + api.str("chips.bits"));
  const menu = api.menu({
    title: api.str("chips.title"),
    reading: () => memory.header?.chips_reading ?? api.str("empty.hint"),
    table: () => chipsTable(memory.header, api),
    picture: () => (memory.header?.chips.length ? list : null),
    python: () => memory.header?.chips_python,
  });
  const fold = createFold(list, api);
  host.append(createHead(api.str("chips.title"), count, fold.node, readout, legend, menu), list, empty);
  api.onResize(list, fold.measure);
  // another token, or another font; not where it goes because another position is looked at
  api.onResize(drawn, ({ width }) => (width ? fold.toEnd() : fold.measure()));
  drawn.addEventListener("click", () => api.act({ kind: "step" }));
  /** @param {number} pos */
  const select = (pos) => api.setView({ pos: pos === (memory.header?.ids.length ?? 0) - 1 ? null : pos, key: null });
  const chips = createChipList({ list, tokens, testid: "chip", select, hover: (pos) => api.hover(pos) });
  const tell = () => setText(readout, chipDetails(memory.header, memory.hover ?? api.view().pos, api));
  return {
    update: (picture) => {
      memory.header = picture.header;
      drawChips({ list, chips, drawn, empty, count }, picture.header, api);
      tell();
      const ids = picture.header.ids.join(",");
      if (memory.ids !== ids)
        requestAnimationFrame(fold.toEnd); // not now: it would cost a layout
      else {
        const atEnd = api.view().pos === null && !drawn.hidden;
        requestAnimationFrame(() => fold.reveal(atEnd ? drawn : list.querySelector(".chip.sel")));
      }
      memory.ids = ids;
      setAttr(list, "data-ids", ids);
    },
    light: (pos) => {
      memory.hover = pos;
      chips.mark("lit", (at) => at === pos);
      tell();
    },
  };
}

// Two lines of chips, the last; what does not fit is folded and counted on a button, which opens it.
/** @type {(list: HTMLElement, api: Page) => { node: HTMLElement, measure: () => void, toEnd: () => void, reveal: (chip: Element | null) => void }} */
function createFold(list, api) {
  let open = false;
  const node = el("button", { type: "button", class: "pill fold", "data-testid": "fold", hidden: true });
  const measure = () => {
    const [top, chips] = [list.offsetTop + list.scrollTop, [...list.querySelectorAll(".chip:not([hidden])")]];
    const hidden = chips.filter((chip) => {
      const middle = chip instanceof HTMLElement ? chip.offsetTop + chip.offsetHeight / 2 : top;
      return middle < top || middle > top + list.clientHeight;
    });
    node.hidden = !open && hidden.length === 0;
    setText(node, open ? api.str("chips.fold") : "+" + fmtNumber(hidden.length));
    setAttr(node, "title", api.str(open ? "chips.fold" : "chips.unfold"));
    setAttr(node, "aria-label", node.title);
    setAttr(node, "aria-expanded", String(open));
  };
  const toEnd = () => {
    list.scrollTop = list.scrollHeight;
    measure();
  };
  node.addEventListener("click", () => {
    open = !open;
    list.classList.toggle("folded", !open);
    toEnd();
  });
  list.addEventListener("scroll", measure, { passive: true });
  /** @param {Element | null} chip */
  const reveal = (chip) => {
    if (!(chip instanceof HTMLElement)) return;
    const at = chip.offsetTop - list.offsetTop - 2;
    if (at < list.scrollTop) list.scrollTop = at;
    else if (at + chip.offsetHeight > list.scrollTop + list.clientHeight) {
      list.scrollTop = at + chip.offsetHeight + 4 - list.clientHeight;
    }
    measure();
  };
  return { node, measure, toEnd, reveal };
}

/** @type {(parts: { list: HTMLElement, chips: Chips, drawn: HTMLElement, empty: HTMLElement, count: HTMLElement }, header: NextTokenHeader, api: Page) => void} */
function drawChips({ list, chips, drawn, empty, count }, header, api) {
  const last = header.chips.length - 1;
  const chosen = Math.min(api.view().pos ?? last, last);
  chips.show(
    header.chips.map((chip, pos) => chipOf(chip, header.chips[pos - 1])),
    chosen,
  );
  const draw = header.distribution?.last ? header.distribution.draw : null;
  drawn.hidden = !draw || last < 0;
  if (draw) {
    writeLabel(/** @type {Element} */ (drawn.firstElementChild), draw.label);
    setAttr(drawn, "title", api.str("chips.drawn_hint", { label: draw.label, p: fmtPercent(draw.p) }));
  }
  setText(count, last < 0 ? "" : api.str("chips.count", { count: fmtNumber(header.ids.length) }));
  empty.hidden = last >= 0;
  list.hidden = last < 0;
}

/** @type {(chip: Chip, before: Chip | undefined) => ShownChip} */
function chipOf({ label, id, surprisal, piece, path, special }, before) {
  const joins = !special && !before?.special && goesOn(label) && /\p{L}$/u.test(before?.label ?? "");
  const colour = surprisal === null ? "transparent" : surprisalColour(surprisal);
  return { label, number: String(id), colour, piece, marks: { path, joins, given: surprisal === null, special } };
}

/** @type {(header: NextTokenHeader | null, pos: number | null, api: Page) => string} */
function chipDetails(header, pos, api) {
  const last = (header?.chips.length ?? 0) - 1;
  const at = Math.min(pos ?? last, last);
  const chip = header?.chips[at];
  if (!chip) return "";
  const parts = [chip.label, api.str("chips.id") + " " + chip.id, api.str("chips.bytes") + " " + chip.bytes];
  if (chip.special) parts.push(api.str("chips.special"));
  if (chip.surprisal === null) parts.push(api.str("chips.given"));
  else parts.push(fmtNumber(chip.surprisal, 1) + " " + api.str("chips.bits"), fmtPercent(chip.prob));
  if (!chip.special && goesOn(chip.label) && /\p{L}$/u.test(header?.chips[at - 1]?.label ?? ""))
    parts.push(api.str("chips.joins"));
  if (chip.rank) parts.push(api.str("chips.rank", { rank: fmtNumber(chip.rank) }));
  return parts.join("  ");
}

/** @type {(header: NextTokenHeader | null, api: Page) => Table} */
function chipsTable(header, api) {
  const names = ["position", "token", "id_name", "bytes_name", "surprisal", "probability", "rank_name"];
  const rows = (header?.chips || []).map((chip, pos) => [
    pos,
    chip.label,
    chip.id,
    chip.bytes,
    chip.surprisal,
    chip.prob,
    chip.rank,
  ]);
  return { columns: names.map((name) => api.str("chips." + name)), rows };
}
