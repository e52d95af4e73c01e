// The bars of the softmax: the most likely tokens and all others as one bar, at the temperature under the hand. Outline: at
// temperature 1. The thin magenta bar below is the share of the rolls that fell on the token.

import { el, fmtNumber, fmtPercent, setAttr, setClass, setStyle, setText, slots } from "../../kit/dom.js";
import { barScale } from "../../kit/bars.js";
import { nearestStep } from "./live.js";

const SOFT_SAME = 5e-4; // shares nearer than this would be drawn on the same pixel

export function createSoftBars(host, api, live) {
  let shown = null;
  const small = el("small", {});
  const head = el(
    "div",
    { class: "head" },
    el("h2", { text: api.str("playground.bars") }),
    small,
    el("span", { class: "spacer" }),
  );
  const list = el("div", { class: "soft-bars" });
  const key = el(
    "p",
    { class: "soft-key" },
    el("span", {}, el("i", { class: "key-fill" }), api.str("playground.key_now")),
    el("span", {}, el("i", { class: "key-ghost" }), api.str("playground.key_one")),
    el("span", {}, el("i", { class: "key-roll" }), api.str("playground.key_roll")),
  );
  const box = el("div", { class: "panel soft", "data-testid": "softmax", role: "group" }, list, key);
  const empty = el("p", { class: "empty-hint", text: api.str("empty.hint") });
  head.append(
    api.menu({
      title: api.str("playground.bars"),
      reading: () => shown?.header.soft.reading ?? api.str("empty.hint"),
      python: () => shown?.header.soft.python ?? "",
      table: () => softTable(shown, api, live),
      picture: () => (shown ? box : null),
    }),
  );
  host.append(head, box, empty);

  function update(picture) {
    const { soft, roll, ids } = picture.header;
    shown = soft ? picture : null;
    setAttr(empty, "hidden", Boolean(soft));
    setAttr(box, "data-empty", !soft);
    setAttr(box, "data-ids", ids.join(","));
    setText(small, soft ? api.str("playground.after", { label: soft.names[0] }) : "");
    setAttr(box, "aria-label", soft ? soft.reading : api.str("empty.hint"));
    if (!soft) return;
    const rows = softRows(picture, live);
    const rolled = roll.n > 0 && live.same("temperature") && live.same("seed");
    setClass(box, "rolled", rolled);
    const most = barScale({ rows: rows.slice(0, -1), tail: rows.at(-1) });
    const made = slots(list, rows.length, makeSoftRow);
    rows.forEach((row, i) => {
      const others = i === rows.length - 1;
      const share = rolled ? (others ? roll.others_share : roll.shares[i]) : null;
      fillSoftRow(
        made[i],
        {
          ...row,
          share,
          others,
          text: others ? api.str("playground.others", { count: fmtNumber(soft.others) }) : row.label,
        },
        most,
        api,
      );
    });
  }
  return { update };
}

// One row per token and one for the others: { label, logit, p (at T), p_model (at T = 1) }, looked up in Python's tables.
function softRows(picture, live) {
  const { soft } = picture.header;
  const [probs, tail] = [picture.blob("probs"), picture.blob("tail")];
  const at = nearestStep(soft.temperatures, live.get("temperature"));
  const one = nearestStep(soft.temperatures, 1);
  const count = soft.rows.length;
  const rows = soft.rows.map((row, i) => ({ ...row, p: probs[at * count + i], p_model: probs[one * count + i] }));
  return [...rows, { id: null, logit: null, p: tail[at], p_model: tail[one] }];
}

function makeSoftRow() {
  return el(
    "div",
    { class: "bar" },
    el("span", { class: "bar-word mono" }),
    el("span", { class: "bar-logit mono" }),
    el(
      "span",
      { class: "bar-track" },
      el("i", { class: "bar-ghost" }),
      el("i", { class: "bar-fill" }),
      el("i", { class: "bar-roll" }),
    ),
    el("span", { class: "bar-number mono" }),
  );
}

function fillSoftRow(node, row, most, api) {
  const [word, logit, track, figure] = node.children;
  const [ghost, fill, roll] = track.children;
  const width = (x) => (Math.min(1, x / most) * 100).toFixed(3) + "%";
  setClass(node, "others", row.others);
  setClass(node, "broken", row.others && row.p > most);
  setClass(node, "never", row.p === 0);
  setAttr(node, "data-id", row.id);
  setText(word, row.text);
  setText(logit, row.logit === null ? "" : fmtNumber(row.logit, 1));
  setText(figure, fmtPercent(row.p, row.p < 0.0005 ? 3 : 1));
  setStyle(fill, "width", width(row.p));
  const apart = Math.abs(row.p - row.p_model) > SOFT_SAME * most;
  setAttr(ghost, "hidden", !apart);
  setStyle(ghost, "width", width(row.p_model));
  setClass(ghost, "behind", row.p_model < row.p);
  setAttr(roll, "hidden", row.share === null);
  if (row.share !== null) setStyle(roll, "width", width(row.share));
  setClass(roll, "over", row.share > most); // runs on beyond the panel
  const values = {
    label: row.text,
    p: fmtPercent(row.p, 3),
    one: fmtPercent(row.p_model, 3),
    share: row.share === null ? "–" : fmtPercent(row.share, 2),
    logit: row.logit === null ? "–" : fmtNumber(row.logit, 3),
  };
  const short =
    row.others && row.p > most
      ? "\n" + api.str("panel.distribution.broken", { times: fmtNumber(row.p / most, 1) })
      : "";
  setAttr(
    node,
    "title",
    api.str(row.share === null ? "playground.row_title" : "playground.row_title_rolled", values) + short,
  );
}

function softTable(picture, api, live) {
  const columns = ["rank", "token", "id", "logit", "p", "p_one", "count", "share"].map((name) =>
    api.str("playground.column." + name),
  );
  if (!picture) return { columns, rows: [] };
  const { roll, soft } = picture.header;
  const counted = roll.n > 0 && live.same("temperature");
  const count = (i) => (counted ? (roll.counts[i] ?? roll.others) : null);
  const share = (i) => (counted ? (roll.shares[i] ?? roll.others_share) : null);
  const rows = softRows(picture, live).map((row, i) => [
    row.id === null ? null : i + 1,
    row.label ?? api.str("playground.others", { count: fmtNumber(soft.others) }),
    row.id,
    row.logit,
    row.p,
    row.p_model,
    count(i),
    share(i),
  ]);
  return { columns, rows };
}
