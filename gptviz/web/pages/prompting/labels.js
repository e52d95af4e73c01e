// Each label's probability as it comes and calibrated, and how the chosen one comes about: e^ln p, divided by what an empty text gets.

import { showBars } from "../../kit/bars.js";
import { el, fmtNumber, fmtPercent, setAttr, setClass, setText, slots } from "../../kit/dom.js";
import { fmtOperand } from "../../kit/numbers.js";
import { createHead, spacer } from "../../kit/panel.js";

/** @import { Page, Panel, Shown } from "./types.d.ts" */
/** @import { LabelRow } from "./message.d.ts" */
/** @typedef {"plain" | "calibrated"} Which */

const COLUMNS = ["label", "word", "logprob", "plain", "leaning", "quotient", "calibrated"];
const WHICH = /** @type {const} */ (["plain", "calibrated"]);
const EMPTY = "N/A, [MASK], “”"; // as gptviz/tuning/prompts.py has them

/** @type {(host: HTMLElement, api: Page) => Panel} */
export function createLabels(host, api) {
  /** @type {{ picture: Shown | null, at: number }} */
  const state = { picture: null, at: 0 };
  const groups = WHICH.map((which) => {
    const bars = el("div", { class: "bars" });
    const node = el("div", { class: "label-group" }, el("h3", { text: api.str(`prompting.${which}`) }), bars);
    return { which, bars, node };
  });
  const sum = el("div", { class: "label-sum", "data-testid": "sum" });
  const body = el(
    "div",
    { class: "labels-body" },
    groups.map(({ node }) => node),
    sum,
  );
  const empty = el("p", { class: "hint empty" });
  const small = el("small", { "data-testid": "truth" });
  const more = api.menu({
    title: () => api.str("prompting.labels_title"),
    reading: () => state.picture?.header.labels_reading ?? "",
    python: () => state.picture?.header.labels_python,
    table: () => ({
      columns: COLUMNS.map((name) => api.str(`prompting.column.${name}`)),
      rows: (state.picture?.header.label_rows ?? []).map((row) => [
        row.label,
        row.word,
        row.logprob,
        row.plain,
        row.leaning,
        row.plain / row.leaning,
        row.calibrated,
      ]),
    }),
    picture: () => (state.picture?.header.label_rows.length ? body : null),
  });
  host.append(createHead(api.str("prompting.labels_title"), small, spacer(), more), empty, body);
  const show = () => {
    const rows = state.picture?.header.label_rows ?? [];
    const at = Math.min(state.at, rows.length - 1);
    for (const { which, bars } of groups) {
      const best = Math.max(...rows.map((row) => row[which]));
      const shape = { tag: /** @type {const} */ ("button"), attrs: { type: "button", "data-testid": which } };
      const made = rows.map((row) => ({
        p: row[which],
        word: `${row.label} · ${row.word}`,
        number: fmtPercent(row[which]),
        title: api.str("prompting.pick_hint"),
        marks: { others: row[which] < best },
      }));
      showBars(bars, made, 1, shape);
      [...bars.children].forEach((node, i) => {
        setAttr(node, "aria-pressed", String(i === at));
        /** @type {HTMLElement} */ (node).onclick = () => {
          state.at = i;
          show();
        };
      });
    }
    if (rows.length) showSum(sum, rows, at, api);
  };
  return {
    update: (picture) => {
      state.picture = picture;
      const { label_rows, truth, asking_problem } = picture.header;
      setText(small, truth && api.str("prompting.truth", { label: truth }));
      setText(empty, asking_problem || api.str("prompting.no_text"));
      setAttr(empty, "hidden", label_rows.length > 0);
      for (const node of [body, more]) setAttr(node, "hidden", !label_rows.length);
      show();
    },
  };
}

// Three lines: the softmax over the labels' words, the division by what an empty text gets, and that both sum to 1.
/** @type {(host: HTMLElement, rows: LabelRow[], at: number, api: Page) => void} */
function showSum(host, rows, at, api) {
  const { label, logprob, plain, leaning, calibrated } = rows[at];
  const power = (/** @type {number} */ x) => `e^${fmtNumber(x, 2)}`;
  const quotients = rows.map((row) => fmtOperand(row.plain / row.leaning));
  /** @type {[string, string][]} */
  const lines = [
    [`${power(logprob)} / (${rows.map((row) => power(row.logprob)).join(" + ")}) = ${fmtPercent(plain)}`, "plain"],
    [`${fmtPercent(plain)} / ${fmtPercent(leaning)} = ${quotients[at]}`, "leaning"],
    [`${quotients[at]} / (${quotients.join(" + ")}) = ${fmtPercent(calibrated)}`, "calibrated"],
  ];
  const made = slots(host, lines.length + 1, (i) =>
    i === 0 ? el("p", { class: "sum-of" }) : el("p", {}, el("b", { class: "mono sum-line" }), el("small", {})),
  );
  setText(made[0], api.str("prompting.sum", { label }));
  lines.forEach(([text, name], i) => {
    setText(made[i + 1].children[0], text);
    setText(made[i + 1].children[1], api.str(`prompting.line.${name}`, { empty: EMPTY }));
    setClass(made[i + 1], "last", i === lines.length - 1);
  });
}
