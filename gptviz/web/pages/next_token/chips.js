// The tokens as chips: label, number, colour by surprisal (bits). Pieces of one character are joined by a bracket with the character above.

import { el, fmtNumber, fmtPercent, setAttr, setClass, setStyle, setText, slots } from "../../kit/dom.js";
import { BITS_AT_FULL_COLOUR, surprisalColour } from "../../kit/theme.js";

const FAINT = /^(·+)?(.*?)(·+)?$/su;

// host: the panel; api as for every panel. Gives { update(picture), light(pos) }.
export function createChips(host, api) {
  const memory = { header: null, hover: null, ids: null };
  const count = el("small", { class: "count" });
  const readout = el("span", { class: "chip-readout mono" });
  const drawn = el(
    "button",
    { type: "button", class: "chip next", "data-testid": "next", tabindex: "-1" },
    el("span", { class: "t" }, el("u"), el("span"), el("u")),
    el("span", { class: "i", text: api.str("chips.drawn") }),
  );
  const tokens = el("span", { class: "tokens" });
  const list = el(
    "div",
    { class: "chips", "data-testid": "chips", role: "group", "aria-label": api.str("chips.title") },
    tokens,
    drawn,
  );
  const empty = el("p", { class: "hint", text: api.str("empty.hint") });
  const legend = el("span", { class: "legend-bits" }, "0", el("i"), BITS_AT_FULL_COLOUR + "+ " + api.str("chips.bits"));
  const head = el("div", { class: "head" }, el("h2", { text: api.str("chips.title") }), count, readout, legend);
  head.append(
    api.menu({
      title: api.str("chips.title"),
      reading: () => memory.header?.chips_reading ?? api.str("empty.hint"),
      table: () => chipsTable(memory.header, api),
      picture: () => (memory.header?.chips.length ? list : null),
      python: () => memory.header?.chips_python,
    }),
  );
  host.append(head, list, empty);
  drawn.addEventListener("click", () => api.act({ kind: "step" }));
  wireChips(list, tokens, memory, api);
  const tell = () => setText(readout, chipDetails(memory.header, memory.hover ?? api.view().pos, api));
  return {
    update: (picture) => {
      memory.header = picture.header;
      drawChips({ list, tokens, drawn, empty, count }, picture.header, api);
      tell();
      const ids = picture.header.ids.join(",");
      if (memory.ids !== ids) requestAnimationFrame(() => (list.scrollTop = list.scrollHeight)); // not now: it would cost a layout
      memory.ids = ids;
      setAttr(list, "data-ids", ids);
    },
    light: (pos) => {
      memory.hover = pos;
      for (const chip of tokens.children) setClass(chip, "lit", Number(chip.dataset.pos) === pos);
      tell();
    },
  };
}

function drawChips({ list, tokens, drawn, empty, count }, header, api) {
  const { chips, ids } = header;
  const made = slots(tokens, chips.length, makeChip);
  const selected = chips.length ? Math.min(api.view().pos ?? chips.length - 1, chips.length - 1) : -1;
  chips.forEach((chip, i) => drawChip(made[i], chip, i === selected));
  const draw = header.distribution?.last ? header.distribution.draw : null;
  drawn.hidden = !draw || chips.length === 0;
  if (!drawn.hidden) {
    writeLabel(drawn.firstElementChild, draw.label);
    setAttr(drawn, "title", api.str("chips.drawn_hint", { label: draw.label, p: fmtPercent(draw.p) }));
  }
  setText(count, ids.length ? api.str("chips.count", { count: fmtNumber(ids.length) }) : "");
  empty.hidden = ids.length > 0;
  list.hidden = ids.length === 0;
}

function makeChip(pos) {
  return el(
    "button",
    { type: "button", class: "chip", "data-testid": "chip", "data-pos": pos },
    el("span", { class: "whole", "aria-hidden": "true" }),
    el("span", { class: "t" }, el("u"), el("span"), el("u")),
    el("span", { class: "i mono" }),
  );
}

function drawChip(node, chip, selected) {
  const [whole, label, id] = node.children;
  const { piece } = chip;
  writeLabel(label, chip.label);
  setText(id, chip.id);
  const classes = ["chip", selected && "sel", chip.path && "path", chip.surprisal === null && "given"];
  if (piece) classes.push("piece", piece.index === 0 && "first", piece.index === piece.count - 1 && "last");
  const middle = piece && piece.index === Math.floor((piece.count - 1) / 2);
  if (middle && piece.count % 2 === 0) classes.push("between");
  const lit = node.classList.contains("lit") && "lit";
  setAttr(node, "class", [...classes, lit].filter(Boolean).join(" "));
  setText(whole, middle ? piece.of : "");
  setStyle(node, "background-color", chip.surprisal === null ? "transparent" : surprisalColour(chip.surprisal));
  setAttr(node, "aria-pressed", String(selected));
  setAttr(node, "tabindex", selected ? "0" : "-1");
}

// The spaces at either end are there, but faint.
function writeLabel(node, text) {
  const [, before = "", middle = "", after = ""] = FAINT.exec(text) || [null, "", text, ""];
  setText(node.children[0], before);
  setText(node.children[1], middle);
  setText(node.children[2], after);
}

function wireChips(list, tokens, memory, api) {
  const posOf = (event) => {
    const chip = event.target.closest(".chip[data-pos]");
    return chip ? Number(chip.dataset.pos) : null;
  };
  const select = (pos) => api.setView({ pos: pos === memory.header.ids.length - 1 ? null : pos, key: null });
  list.addEventListener("pointerover", (event) => event.pointerType !== "touch" && api.hover(posOf(event)));
  list.addEventListener("pointerleave", () => api.hover(null));
  list.addEventListener("click", (event) => posOf(event) !== null && select(posOf(event)));
  list.addEventListener("keydown", (event) => {
    // Among the chips the arrows move from chip to chip; Escape gives them back to stepping.
    const pos = posOf(event);
    const last = memory.header.ids.length - 1;
    const to = { ArrowLeft: pos - 1, ArrowRight: pos + 1, Home: 0, End: last }[event.key];
    if (event.key === "Escape") event.target.blur();
    if (pos === null || to === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    event.stopPropagation();
    const next = tokens.children[Math.min(last, Math.max(0, to))];
    next.focus();
    select(Number(next.dataset.pos));
  });
}

function chipDetails(header, pos, api) {
  const chip = header?.chips[Math.min(pos ?? header.chips.length - 1, header.chips.length - 1)];
  if (!chip) return "";
  const parts = [chip.label, api.str("chips.id") + " " + chip.id, api.str("chips.bytes") + " " + chip.bytes];
  if (chip.surprisal === null) parts.push(api.str("chips.given"));
  else parts.push(fmtNumber(chip.surprisal, 1) + " " + api.str("chips.bits"), fmtPercent(chip.prob));
  if (chip.rank) parts.push(api.str("chips.rank", { rank: fmtNumber(chip.rank) }));
  return parts.join("  ");
}

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
