// The chain rule as a picture: the bits of a text laid end to end, one stretch for each token, both texts on one scale; and what
// they come to.

import { el, fmtNumber, partsOf, setAttr, setClass, setStyle, setText, slots, within } from "../../kit/dom.js";
import { fmtFactor } from "../../kit/numbers.js";
import { createHead, spacer } from "../../kit/panel.js";
import { surprisalColour } from "../../kit/theme.js";
import { scoreOf, writePowers } from "./words.js";

/** @import { Page, Panel, Shown } from "./types.d.ts" */
/** @import { SurpriseView, Totals } from "./message.d.ts" */
/** @import { Table } from "../../types.d.ts" */

const SIDE_NAMES = ["A", "B"];
const CHAIN_TERMS = 4; // factors written out

/** @type {(host: HTMLElement, api: Page) => Panel} */
export function createChain(host, api) {
  /** @type {Shown | null} */
  let shown = null;
  const head = createHead(api.str("surprise.chain"), el("small", { text: api.str("surprise.chain_small") }), spacer());
  head.append(
    api.menu({
      title: api.str("surprise.chain"),
      reading: () => chainReading(shown, api),
      table: () => totalsTable(shown, api),
      python: () => shown?.header.python ?? "",
      picture: () => (shown?.header.sides.some((side) => side?.totals) ? body : null),
    }),
  );
  const verdict = el(
    "p",
    { class: "text-verdict", "data-testid": "versus", role: "status" },
    el("b", {}),
    el("span", {}),
  );
  const rows = SIDE_NAMES.map((name, side) => chainRow(name, side, api));
  const empty = el("p", { class: "hint", text: api.str("empty.hint") });
  const body = el("div", { class: "chain-rows" }, verdict, ...rows.map((row) => row.node));
  host.append(head, body, empty);

  /** @param {Shown} picture */
  function update(picture) {
    shown = picture;
    const { sides, versus } = picture.header;
    const both = sides.filter((side) => side?.totals).length === 2;
    setAttr(
      empty,
      "hidden",
      sides.some((side) => side?.totals),
    );
    setAttr(verdict, "hidden", !both || !versus);
    if (versus) {
      const [first, second] = partsOf(verdict);
      writePowers(first, versus.reading);
      setText(second, versus.per_byte_reading);
    }
    const most = Math.max(1e-9, ...sides.map((side) => side?.totals?.bits ?? 0));
    rows.forEach((row, side) => row.update(picture, most, both, both && versus?.winner === "ab"[side]));
  }
  return { update };
}

/** @type {(name: string, side: number, api: Page) => { node: HTMLElement, update: (picture: Shown, most: number, both: boolean, wins: boolean) => void }} */
function chainRow(name, side, api) {
  const badge = el("span", { class: "text-badge", text: name });
  const track = el("div", { class: "chain-track" });
  const bits = el("span", { class: "chain-bits mono" });
  const formula = el("p", { class: "chain-formula mono" });
  const facts = el("div", { class: "text-facts" });
  const node = el(
    "div",
    { class: "chain-row", "data-testid": "chain-" + name.toLowerCase() },
    badge,
    el("div", { class: "chain-bar" }, track),
    bits,
    formula,
    facts,
  );
  track.addEventListener("click", (event) => {
    const stretch = within(event, "[data-pos]");
    if (stretch) api.setView({ side, token: Number(stretch.dataset.pos) });
  });
  /** @param {Shown} picture @param {number} most @param {boolean} both @param {boolean} wins */
  function update(picture, most, both, wins) {
    const view = picture.header.sides[side];
    const totals = view?.totals;
    setAttr(node, "hidden", !totals);
    if (!view || !totals) return;
    setAttr(badge, "hidden", !both);
    setClass(node, "alone", !both);
    setClass(node, "wins", wins);
    drawTrack(track, picture, side, view, most);
    setText(bits, api.str("surprise.bits", { bits: fmtNumber(totals.bits, totals.digits) }));
    setAttr(bits, "title", api.str("surprise.bits_hint"));
    const written = formulaOf(picture, side, view, totals, api);
    writePowers(formula, written);
    setAttr(formula, "title", written);
    drawFacts(facts, view, totals, api);
  }
  return { node, update };
}

/** @type {(track: HTMLElement, picture: Shown, side: number, view: SurpriseView, most: number) => void} */
function drawTrack(track, picture, side, view, most) {
  const { view: controls, token } = picture.header;
  const scored = view.labels.map((_, pos) => scoreOf(picture, side, pos));
  const letters = (track.clientWidth || 1000) / 100 / 7.5; // that one percent has room for
  const made = slots(track, view.labels.length, (pos) => el("i", { "data-pos": pos }, el("span", {})));
  scored.forEach((score, pos) => {
    const width = score ? (score.bits / most) * 100 : 0;
    setStyle(made[pos], "width", width.toFixed(3) + "%");
    setStyle(made[pos], "background-color", score ? surprisalColour(score.bits) : "transparent");
    setClass(made[pos], "sel", controls.side === side && token === pos);
    setText(made[pos].children[0], width * letters > wideness(view.labels[pos]) + 0.8 ? view.labels[pos] : "");
    setAttr(made[pos], "title", score ? `${view.labels[pos]}  ${fmtNumber(score.bits, 2)}` : null);
  });
  setAttr(track, "aria-hidden", "true"); // the tokens below say the same to a reader
}

// How many narrow letters a label is wide: Chinese characters count twice.
/** @type {(label: string) => number} */
function wideness(label) {
  return [...label].reduce((sum, letter) => sum + (letter > "\u2e7f" ? 1.8 : 1), 0);
}

// P = 2.10% × 0.412% × … ≈ 2^−66.6 ≈ 1 in 10^20.0: each factor is rounded, so that their product is nearly what follows
/** @type {(picture: Shown, side: number, view: SurpriseView, totals: Totals, api: Page) => string} */
function formulaOf(picture, side, view, totals, api) {
  const factors = view.labels.map((_, pos) => scoreOf(picture, side, pos)).filter((score) => score !== null);
  const written = factors.slice(0, CHAIN_TERMS).map((score) => fmtFactor(score.p));
  if (factors.length > CHAIN_TERMS) written.push("…");
  return api.str("surprise.formula", {
    factors: written.join(" × "),
    bits: fmtNumber(totals.bits, totals.digits),
    one_in: totals.one_in,
  });
}

/** @type {(host: HTMLElement, view: SurpriseView, totals: Totals, api: Page) => void} */
function drawFacts(host, view, totals, api) {
  const facts = [
    ["per_byte", fmtNumber(totals.bits_per_byte, 2)],
    ["mean", fmtNumber(totals.mean_bits, 2)],
    ["perplexity", fmtNumber(totals.perplexity, totals.perplexity < 100 ? 1 : 0)],
    ["size", api.str("surprise.size_value", { tokens: fmtNumber(view.n_scored), bytes: fmtNumber(view.n_bytes) })],
  ];
  const made = slots(host, facts.length, () => el("span", { class: "text-fact" }, el("small", {}), el("b", {})));
  facts.forEach(([name, value], i) => {
    setText(made[i].children[0], api.str("surprise." + name));
    setAttr(made[i], "title", api.str(`surprise.${name}_hint`));
    setText(made[i].children[1], value);
  });
}

/** @type {(picture: Shown | null, api: Page) => string} */
function chainReading(picture, api) {
  if (!picture) return "";
  const { sides, versus } = picture.header;
  const said = sides.flatMap((side, i) => (side ? [(sides[1] ? SIDE_NAMES[i] + ": " : "") + side.reading] : []));
  return [...said, versus?.reading, versus?.per_byte_reading].filter(Boolean).join(" ") || api.str("empty.hint");
}

/** @type {(picture: Shown | null, api: Page) => Table} */
function totalsTable(picture, api) {
  const names = /** @type {const} */ (["bits", "log10", "logprob", "loss", "mean_bits", "perplexity", "bits_per_byte"]);
  const columns = [
    api.str("surprise.column.text"),
    ...names.map((name) => api.str("surprise.column." + name)),
    api.str("surprise.column.tokens"),
    api.str("surprise.column.bytes"),
  ];
  const rows = (picture?.header.sides ?? []).flatMap((side, i) =>
    side?.totals ? [[SIDE_NAMES[i], ...names.map((name) => side.totals?.[name]), side.n_scored, side.n_bytes]] : [],
  );
  return { columns, rows };
}
