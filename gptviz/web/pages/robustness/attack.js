// The classifier under attack, what it says of the text, and each word exchanged: what the gradient promised, what the loss really
// grew by, and how sure it still is of the label that it had.

import { showBars } from "../../kit/bars.js";
import { el, fmtNumber, fmtPercent, setAttr, setText, slots } from "../../kit/dom.js";
import { createHead, spacer } from "../../kit/panel.js";
import { showPieces } from "./pieces.js";

/** @import { Page, Panel, Shown } from "./types.d.ts" */
/** @import { AttackRow, RobustnessHeader } from "./message.d.ts" */
/** @import { Table } from "../../types.d.ts" */

const LABELS = { attrs: { "data-testid": "label" } };
const SURE = { attrs: { "data-testid": "sure" } };

/** @type {(host: HTMLElement, api: Page) => Panel} */
export function createAttack(host, api) {
  /** @type {{ picture: Shown | null }} */
  const state = { picture: null };
  const more = api.menu({
    title: () => api.str("robustness.attack"),
    reading: () => state.picture?.header.attack_reading ?? "",
    python: () => state.picture?.header.attack_python,
    table: () => tableOf(state.picture?.header, api),
    picture: () => (state.picture?.header.attacked_label ? body : null),
  });
  const which = el("select", { "data-testid": "under", "aria-label": api.str("robustness.under") });
  which.addEventListener("change", () => api.act({ kind: "under", name: which.value }));
  const field = el("label", { class: "field under" }, el("span", { text: api.str("robustness.under") }), which);
  const labels = el("div", { class: "bars label-bars" });
  const find = el("button", {
    type: "button",
    class: "btn primary",
    text: api.str("robustness.find"),
    title: api.str("robustness.find_hint"),
    "data-testid": "find-attack",
    onclick: () => api.act({ kind: "attack" }),
  });
  const link = el("a", { class: "btn", "data-testid": "to-tuning", text: api.str("robustness.to_tuning") });
  const none = el(
    "div",
    { class: "none" },
    el("p", { class: "hint empty", "data-testid": "no-target", text: api.str("robustness.no_target") }),
    link,
  );
  const foreseen = el("p", { class: "hint empty", text: api.str("robustness.what_will") });
  const problem = el("p", { class: "note warn", role: "status" });
  const list = el("ol", { class: "exchanges", "data-testid": "exchanges" });
  const end = el("p", { class: "attack-end", role: "status", "data-testid": "attack-end" });
  const body = el("div", { class: "attack-body" }, list, end);
  const controls = el("div", { class: "attack-controls" }, field, labels, find);
  host.append(createHead(api.str("robustness.attack"), spacer(), more), none, controls, problem, foreseen, body);
  return {
    update: (picture) => {
      state.picture = picture;
      const { header } = picture;
      const there = header.targets.length > 0;
      setAttr(none, "hidden", there);
      setAttr(link, "href", `./tuning?${header.link}`);
      setAttr(controls, "hidden", !there);
      setAttr(more, "hidden", !header.attacked_label);
      setAttr(foreseen, "hidden", Boolean(header.attacked_label));
      setAttr(body, "hidden", !header.attacked_label);
      setText(problem, header.attack_problem);
      setAttr(problem, "hidden", !header.attack_problem);
      setAttr(find, "disabled", !header.labels.length || header.attacking);
      showTargets(which, header);
      const rows = header.labels.map(([word, p], i) => ({ p, word, number: fmtPercent(p), marks: { others: i > 0 } }));
      showBars(labels, rows, 1, LABELS);
      showExchanges(list, header, api);
      setText(end, header.attack_end);
    },
  };
}

/** @type {(which: HTMLSelectElement, header: RobustnessHeader) => void} */
function showTargets(which, { targets, target }) {
  const made = slots(which, targets.length, () => el("option", {}));
  targets.forEach(([name, title], i) => {
    setAttr(made[i], "value", name);
    setText(made[i], title);
  });
  if (which.value !== target) which.value = target;
}

// The text as it was typed, then one row for each exchange.
/** @type {(list: HTMLElement, header: RobustnessHeader, api: Page) => void} */
function showExchanges(list, { attacked_label, attacked_prob, exchanges, text }, api) {
  if (!attacked_label) return void list.replaceChildren();
  const made = slots(list, exchanges.length + 1, () =>
    el(
      "li",
      { "data-testid": "exchange" },
      el("small", { class: "exchange-name" }),
      el("p", { class: "exchange-text" }),
      el("span", { class: "exchange-nats mono" }),
      el("div", { class: "bars" }),
    ),
  );
  /** @type {AttackRow} */
  const first = {
    pieces: [[text, "same"]],
    promised: 0,
    gained: 0,
    found: attacked_label,
    prob: attacked_prob,
  };
  [first, ...exchanges].forEach((row, i) => {
    const [name, said, nats, bars] = made[i].children;
    setText(name, i ? api.str("robustness.step", { number: fmtNumber(i) }) : api.str("robustness.at_first"));
    showPieces(said, row.pieces);
    setText(nats, i ? natsOf(row, api) : "");
    const lost = row.found !== attacked_label;
    const note = lost ? api.str("robustness.now", { label: row.found }) : "";
    const word = api.str("robustness.prob_of", { label: attacked_label });
    showBars(bars, [{ p: row.prob, word, number: fmtPercent(row.prob), note, marks: { drawn: lost } }], 1, {
      ...SURE,
      track: ["fill", "note"],
    });
  });
}

/** @type {(row: AttackRow, api: Page) => string} */
function natsOf({ promised, gained }, api) {
  const signed = (/** @type {number} */ x) => (x > 0 ? "+" : "") + fmtNumber(x, 2);
  const told = api.str("robustness.promised", { nats: signed(promised) });
  return `${told} · ${api.str("robustness.gained", { nats: signed(gained) })}`;
}

/** @type {(header: RobustnessHeader | undefined, api: Page) => Table} */
function tableOf(header, api) {
  const columns = ["exchange", "old", "new", "promised", "gained", "label", "probability"].map((name) =>
    api.str(`robustness.table.${name}`),
  );
  const piece = (/** @type {AttackRow} */ row, /** @type {string} */ mark) =>
    row.pieces.find(([, found]) => found === mark)?.[0].trim() ?? "";
  const rows = (header?.exchanges ?? []).map((row, i) => [
    i + 1,
    piece(row, "old"),
    piece(row, "new"),
    row.promised,
    row.gained,
    row.found,
    row.prob,
  ]);
  return { columns, rows: [[0, "", "", null, null, header?.attacked_label, header?.attacked_prob], ...rows] };
}
