// The tokens of one text as chips, coloured by surprisal or by rank, with the number on them that the colour stands for.

import { el, fmtNumber, fmtPercent, setAttr, setClass, setStyle, setText, slots } from "../../kit/dom.js";

const FULL_COLOUR_BITS = 12;
const FULL_COLOUR_MIX = 0.62; // beyond this, dark ink on orange is no longer easy to read
const RANK_STEPS = [1, 10, 100, 1000]; // as coloured: first, among the first 10, 100, 1,000, beyond
const RUNNING_TEXT = 300; // from so many tokens on they are set as running text, without numbers
const FAINT_ENDS = /^(·+)?(.*?)(·+)?$/su;

// The numbers of one token, or null where it has none.
export function scoreOf(picture, side, pos) {
  const table = picture.blob("ab"[side] + ".scores");
  if (!table || !(pos >= 0) || Number.isNaN(table[pos * 5])) return null;
  const [p, bits, nats, rank, entropy] = table.subarray(pos * 5, pos * 5 + 5);
  return { p, bits, nats, rank, entropy };
}

export function surpriseColour(bits) {
  return warmShare(Math.min(1, bits / FULL_COLOUR_BITS));
}

function rankColour(rank) {
  const step = RANK_STEPS.findIndex((most) => rank <= most);
  return warmShare((step < 0 ? RANK_STEPS.length : step) / RANK_STEPS.length);
}

// A text in which ^3 means "to the power of 3", written into a node with raised exponents.
export function writePowers(node, text) {
  if (node.dataset.text === text) return;
  node.dataset.text = text;
  node.replaceChildren(...text.split(/\^([−\d.,]*\d)/).map((part, i) => (i % 2 ? el("sup", { text: part }) : part)));
}

function warmShare(share) {
  return `color-mix(in srgb, var(--warm1) ${(share * FULL_COLOUR_MIX * 100).toFixed(1)}%, var(--warm0))`;
}

export function createWords(host, api, side) {
  const name = "AB"[side];
  let shown = null;
  const badge = el("span", { class: "badge", text: name });
  const count = el("small", {});
  const readout = el("span", { class: "chip-readout mono" });
  const list = el("div", {
    class: "chips words",
    "data-testid": "chips-" + name.toLowerCase(),
    role: "group",
    "aria-label": api.str("surprise.tokens_of", { name }),
  });
  const legend = el("span", { class: "legend-bits" });
  const switcher = side === 0 ? colourSwitch(api) : null;
  const head = el(
    "div",
    { class: "head" },
    badge,
    el("h2", { text: api.str("surprise.tokens") }),
    count,
    readout,
    switcher?.node,
    legend,
  );
  head.append(
    api.menu({
      title: () => `${api.str("surprise.tokens")} ${name}`,
      reading: () => shown?.header.sides[side]?.reading ?? api.str("empty.hint"),
      table: () => wordsTable(shown, side, api),
      python: () => shown?.header.python ?? "",
      picture: () => (shown ? list : null),
    }),
  );
  host.append(head, list);
  const tell = (pos) => setText(readout, shown ? wordDetails(shown, side, pos, api) : "");
  wireWords(list, side, api, tell, () => shown);

  function update(picture) {
    const view = picture.header.sides[side];
    shown = view ? picture : null;
    setAttr(host, "hidden", side === 1 && !view);
    setClass(host, "alone", side === 0 && !picture.header.sides[1]);
    setAttr(badge, "hidden", !picture.header.sides[1]);
    const { colour } = api.view();
    switcher?.update(colour);
    drawLegend(legend, colour, api);
    const labels = view ? view.labels : [];
    const waiting = view && view.n_scored + view.skipped < view.n_tokens;
    setText(
      count,
      view
        ? api.str(waiting ? "surprise.counting" : "surprise.counted", {
            count: fmtNumber(view.n_tokens),
            done: fmtNumber(view.n_scored),
          })
        : api.str("empty.hint"),
    );
    setClass(list, "running-text", labels.length > RUNNING_TEXT);
    const made = slots(list, labels.length, makeWord);
    const selected = picture.header.view.side === side ? picture.header.token : -1;
    for (let pos = 0; pos < labels.length; pos += 1) drawWord(made[pos], picture, side, pos, pos === selected, colour);
    setAttr(list, "data-ids", view ? view.token_ids.join(",") : "");
    tell(selected);
  }
  return { update };
}

function makeWord(pos) {
  return el(
    "span",
    { class: "unit" },
    el(
      "button",
      { type: "button", class: "chip", "data-testid": "word", "data-pos": pos },
      el("span", { class: "whole", "aria-hidden": "true" }),
      el("span", { class: "t" }, el("u"), el("span"), el("u")),
      el("span", { class: "i mono" }),
    ),
  );
}

function drawWord(unit, picture, side, pos, selected, colour) {
  const chip = unit.firstElementChild;
  const view = picture.header.sides[side];
  const score = scoreOf(picture, side, pos);
  const [whole, label, figure] = chip.children;
  const [, before = "", middle = "", after = ""] = FAINT_ENDS.exec(view.labels[pos]) || [
    null,
    "",
    view.labels[pos],
    "",
  ];
  [before, middle, after].forEach((text, i) => setText(label.children[i], text));
  setText(figure, !score ? "–" : colour === "rank" ? "#" + fmtNumber(score.rank) : fmtNumber(score.bits, 1));
  const piece = view.pieces[pos];
  const [of, index, size] = piece ?? [];
  const centre = piece && index === Math.floor((size - 1) / 2);
  const classes = ["chip", selected && "sel", !score && "given"];
  if (piece)
    classes.push("piece", index === 0 && "first", index === size - 1 && "last", centre && size % 2 === 0 && "between");
  setAttr(chip, "class", classes.filter(Boolean).join(" "));
  setText(whole, centre ? of : "");
  setClass(unit, "eol", view.newlines.includes(pos));
  setStyle(
    chip,
    "background-color",
    !score ? "transparent" : colour === "rank" ? rankColour(score.rank) : surpriseColour(score.bits),
  );
  setAttr(chip, "aria-pressed", String(selected));
  setAttr(chip, "tabindex", selected || (pos === 0 && picture.header.view.side !== side) ? "0" : "-1");
}

function wireWords(list, side, api, tell, shown) {
  const posOf = (event) => {
    const chip = event.target.closest(".chip[data-pos]");
    return chip ? Number(chip.dataset.pos) : null;
  };
  const select = (pos) => api.setView({ side, token: pos });
  const chosen = () => (shown()?.header.view.side === side ? shown().header.token : -1);
  list.addEventListener("pointerover", (event) => event.pointerType !== "touch" && tell(posOf(event) ?? chosen()));
  list.addEventListener("pointerleave", () => tell(chosen()));
  list.addEventListener("click", (event) => posOf(event) !== null && select(posOf(event)));
  list.addEventListener("keydown", (event) => {
    const pos = posOf(event);
    const last = list.children.length - 1;
    const to = { ArrowLeft: pos - 1, ArrowRight: pos + 1, Home: 0, End: last }[event.key];
    if (pos === null || to === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    const next = Math.min(last, Math.max(0, to));
    list.children[next].firstElementChild.focus();
    select(next);
  });
}

function colourSwitch(api) {
  const buttons = ["surprisal", "rank"].map((name) =>
    el("button", {
      type: "button",
      "data-testid": "by-" + name,
      title: api.str(`surprise.by_${name}_hint`),
      text: api.str("surprise.by_" + name),
      onclick: () => api.setView({ colour: name }),
    }),
  );
  const node = el(
    "span",
    { class: "inline-switch" },
    el("span", { class: "switch", role: "group", "aria-label": api.str("surprise.colour") }, buttons),
  );
  return {
    node,
    update: (colour) =>
      buttons.forEach((button) => setAttr(button, "aria-pressed", String(button.dataset.testid === "by-" + colour))),
  };
}

function drawLegend(node, colour, api) {
  if (node.dataset.colour === colour) return;
  node.dataset.colour = colour;
  if (colour === "surprisal") node.replaceChildren("0", el("i"), FULL_COLOUR_BITS + "+ " + api.str("surprise.unit"));
  else {
    node.replaceChildren(
      ...[...RANK_STEPS, null].map((most, i) =>
        el("span", {
          class: "rank-step",
          style: `background:${warmShare(i / RANK_STEPS.length)}`,
          text: most === null ? ">1,000" : most === 1 ? "1" : "≤" + fmtNumber(most),
        }),
      ),
    );
  }
}

function wordDetails(picture, side, pos, api) {
  const view = picture.header.sides[side];
  if (!view || !(pos >= 0) || pos >= view.labels.length) return "";
  const score = scoreOf(picture, side, pos);
  const start = `${view.labels[pos]}  ${api.str("surprise.id")} ${view.token_ids[pos]}`;
  if (!score) return `${start}  ${api.str("surprise.no_score")}`;
  return `${start}  ${api.str("surprise.bits", { bits: fmtNumber(score.bits, 2) })}  ${fmtPercent(score.p, 2)}  ${api.str("surprise.rank_of", { rank: fmtNumber(score.rank) })}`;
}

function wordsTable(picture, side, api) {
  const columns = ["position", "token", "id", "token_bytes", "p", "bits", "nats", "rank", "entropy"].map((name) =>
    api.str("surprise.column." + name),
  );
  const view = picture?.header.sides[side];
  if (!view) return { columns, rows: [] };
  const rows = view.labels.map((label, pos) => {
    const { p = null, bits = null, nats = null, rank = null, entropy = null } = scoreOf(picture, side, pos) ?? {};
    return [pos, label, view.token_ids[pos], view.bytes[pos], p, bits, nats, rank, entropy];
  });
  return { columns, rows };
}
