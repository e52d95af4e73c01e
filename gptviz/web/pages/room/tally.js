// What is asked and how it goes: the text, a bar for each option that grows as answers come, and after the reveal the class beside
// the model's exact distribution.

import { el, fmtNumber, fmtPercent, setAttr, setClass, setStyle, setText, slots } from "../../kit/dom.js";
import { createHead, spacer } from "../../kit/panel.js";
import { openQueue } from "./queue.js";

/** @import { Page, Panel, Shown } from "./types.d.ts" */
/** @import { Asked, TallyRow } from "./message.d.ts" */
/** @import { Table } from "../../types.d.ts" */

const BUTTONS = /** @type {const} */ (["close", "reopen", "reveal", "next", "again"]);
const MOST_HANDS = 999;
const GAMES = ["guess", "vote", "probe", "follow"];

/** @type {(host: HTMLElement, api: Page) => Panel} */
export function createTally(host, api) {
  /** @type {Asked | null} */
  let asked = null;
  let hands = false; // whether the teacher counts them
  const small = el("small", {});
  const more = api.menu({
    title: api.str("room.tally"),
    reading: () => asked?.reading ?? "",
    table: () => tableOf(asked, api),
    python: () => asked?.python ?? "",
    picture: () => rows,
  });
  const prompt = el("p", { class: "tally-prompt", "data-testid": "asked" });
  const came = el("p", { class: "tally-came", "data-testid": "came", role: "status" });
  const following = el("p", { class: "tally-follow", text: api.str("room.following") });
  const rows = el("div", { class: "tally-rows", "data-testid": "tally" });
  const keyModel = el("span", {}, el("i", { class: "model" }), api.str("room.model"));
  const kept = el("span", { text: api.str("room.kept") });
  const key = el(
    "p",
    { class: "tally-key" },
    el("span", {}, el("i", { class: "class" }), api.str("room.class")),
    keyModel,
    kept,
  );
  const waiting = el("button", { type: "button", class: "btn", "data-testid": "queue", "aria-haspopup": "dialog" });
  waiting.addEventListener("click", () => openQueue(api));
  const waitingSays = el("span", { class: "hint", "data-testid": "waiting" });
  const count = el("button", {
    type: "button",
    class: "btn",
    "data-testid": "hands",
    text: api.str("room.hands"),
    title: api.str("room.hands_hint"),
  });
  count.addEventListener("click", () => {
    hands = !hands;
    api.redraw();
  });
  const buttons = BUTTONS.map((kind) =>
    el("button", {
      type: "button",
      class: kind === "close" || kind === "reveal" ? "btn primary" : "btn",
      "data-testid": kind,
      text: api.str("room.do." + kind),
      title: api.str("room.do_hint." + kind),
      onclick: () => api.act({ kind }),
    }),
  );
  const emptySays = el("p", {});
  const games = GAMES.map((name) =>
    el("div", {}, el("dt", { text: api.str("room.game." + name) }), el("dd", { text: api.str("room.about." + name) })),
  );
  const empty = el("div", { class: "tally-empty", "data-testid": "tally-empty" }, emptySays, el("dl", {}, games));
  const tools = el("div", { class: "tally-tools" }, buttons, count, waiting, waitingSays);
  host.append(
    createHead(api.str("room.tally"), small, spacer(), more),
    tools,
    prompt,
    came,
    following,
    rows,
    key,
    empty,
  );

  /** @param {Shown} picture */
  function update({ header }) {
    asked = header.round;
    const there = asked !== null;
    for (const node of [prompt, rows, tools, more]) setAttr(node, "hidden", !there);
    setAttr(empty, "hidden", there);
    setText(emptySays, api.str(header.room ? "room.nothing_asked" : "room.no_room"));
    setAttr(came, "hidden", !asked?.actual);
    setAttr(key, "hidden", asked?.kind !== "guess");
    setAttr(keyModel, "hidden", !asked?.actual);
    setAttr(kept, "hidden", asked?.how === "chips");
    setAttr(host, "data-phase", asked?.phase ?? "none");
    setAttr(host, "data-kind", asked?.kind ?? "none");
    setAttr(following, "hidden", asked?.kind !== "follow");
    if (!asked) return setText(small, "");
    const members = header.room?.members ?? 0;
    setText(small, told(asked, members, api));
    setText(prompt, asked.prompt + (asked.kind === "guess" ? " …" : ""));
    if (asked.actual)
      setText(
        came,
        api.str(asked.actual.drawn ? "room.drawn" : "room.came", {
          ...asked.actual,
          p: fmtPercent(asked.actual.p),
          entropy: fmtNumber(asked.entropy, 1),
        }),
      );
    drawRows(asked);
    drawTools(asked, header.projector);
  }
  /** @param {Asked} round */
  function drawRows(round) {
    const shown = [...round.rows];
    if (round.kind === "guess")
      shown.push({ label: api.str("room.others"), votes: null, share: round.others, p: round.others_p, actual: false });
    const most = Math.max(1e-9, ...shown.map((row) => Math.max(row.share, row.p ?? 0)));
    const made = slots(rows, shown.length, () => rowNode());
    shown.forEach((row, i) => drawRow(made[i], row, i, round, most));
  }
  /** @type {(node: HTMLElement, row: TallyRow, place: number, round: Asked, most: number) => void} */
  function drawRow(node, row, place, round, most) {
    const [label, bars, number, raised] = /** @type {HTMLElement[]} */ ([...node.children]);
    const others = round.kind === "guess" && place === round.rows.length;
    setClass(node, "actual", row.actual || round.right === place);
    setClass(node, "others", others);
    setText(label, round.kind === "vote" ? "AB"[place] + "  " + row.label : row.label);
    const [own, model] = /** @type {HTMLElement[]} */ ([...bars.children]);
    setStyle(own, "width", (row.share / most) * 100 + "%");
    setAttr(model, "hidden", row.p === null);
    setStyle(model, "width", ((row.p ?? 0) / most) * 100 + "%");
    setText(
      number.children[0],
      round.kind === "probe" && row.votes === null ? api.str("room.few") : shareOf(row, round),
    );
    setText(number.children[1], row.p === null ? "" : fmtPercent(row.p));
    const counting =
      hands && !others && place < round.rows.length && round.how !== "chips" && round.phase !== "revealed";
    setAttr(raised, "hidden", !counting);
    raised.dataset.place = String(place);
  }
  function rowNode() {
    const raised = el("input", {
      type: "number",
      min: 0,
      max: MOST_HANDS,
      placeholder: "0",
      "data-testid": "raised",
      "aria-label": api.str("room.hands"),
    });
    raised.addEventListener("change", () =>
      api.act({
        kind: "hands",
        place: Number(raised.dataset.place),
        count: Math.min(MOST_HANDS, Math.max(0, Math.round(Number(raised.value)) || 0)),
      }),
    );
    return el(
      "div",
      { class: "tally-row" },
      el("b", {}),
      el("div", { class: "tally-bars" }, el("i", { class: "class" }), el("i", { class: "model" })),
      el("span", { class: "tally-number mono" }, el("span", {}), el("span", { class: "model" })),
      raised,
    );
  }
  /** @type {(round: Asked, projector: boolean) => void} */
  function drawTools(round, projector) {
    const { phase, kind } = round;
    const asking = kind !== "follow";
    const wanted = {
      close: asking && phase === "open",
      reopen: asking && phase === "closed",
      reveal: asking && phase === "closed",
      next: asking && phase === "revealed",
      again: (kind === "guess" || kind === "vote") && phase === "revealed",
    };
    buttons.forEach((node, i) => setAttr(node, "hidden", !wanted[BUTTONS[i]]));
    setAttr(count, "hidden", !asking || round.how === "chips" || phase === "revealed");
    setAttr(count, "aria-pressed", String(hands));
    const queued = round.queue.reduce((sum, { times }) => sum + times, 0);
    setAttr(waiting, "hidden", queued === 0 || projector);
    setText(waiting, api.str("room.waiting", { count: queued }));
    setText(waitingSays, queued && projector ? api.str("room.waiting_elsewhere", { count: queued }) : "");
  }
  return { update };
}

/** @type {(round: Asked, members: number, api: Page) => string} */
function told({ kind, answered, hands }, members, api) {
  if (kind === "follow") return api.str("room.members", { count: members });
  return api.str("room.answered", { count: answered + hands, members });
}

/** @type {(row: TallyRow, round: Asked) => string} */
function shareOf(row, round) {
  if (round.kind === "guess" && round.how === "chips") return fmtPercent(row.share, 0);
  return row.votes === null ? fmtPercent(row.share, 0) : `${fmtNumber(row.votes)} · ${fmtPercent(row.share, 0)}`;
}

/** @type {(round: Asked | null, api: Page) => Table} */
function tableOf(round, api) {
  const columns = ["option", "votes", "share", "p"].map((name) => api.str("room.column." + name));
  return {
    columns,
    rows: (round?.rows ?? []).map((row) => [row.label, row.votes, row.votes === null ? null : row.share, row.p]),
  };
}
