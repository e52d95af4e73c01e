// Twenty chips to spread: a plus and a minus for each candidate, what is left lies on everything else, where one always stays.

import { el, setAttr, setText } from "../kit/dom.js";

/** @import { Asking } from "./types.d.ts" */

/** @type {(asking: Asking) => HTMLElement} */
export function createChips({ say, state, answer, send }) {
  const options = state.options ?? [];
  const all = state.chips ?? 0;
  const laid = options.map((_, place) => answer?.chips?.[place] ?? 0);
  const left = el("output", { class: "left", "data-testid": "left" });
  const done = el("button", { type: "button", class: "go", "data-testid": "send-chips", text: say("room_phone.send") });
  done.addEventListener("click", () => send({ chips: [...laid] }));
  const rows = options.map((label, place) => chipRow(label, place, { say, move }));

  /** @type {(place: number, by: number) => void} */
  function move(place, by) {
    laid[place] += by;
    draw();
  }
  function draw() {
    const rest = all - laid.reduce((sum, count) => sum + count, 0);
    const full = laid.filter((count) => count > 0).length >= (state.named ?? 0);
    setText(left, say("room_phone.left", { count: rest }));
    rows.forEach((row, place) => row.draw(laid[place], rest > 1 && (laid[place] > 0 || !full)));
  }
  draw();
  const hint = el("p", { class: "hint", text: say("room_phone.chips_hint", { chips: all, named: state.named }) });
  return el(
    "div",
    { class: "chips" },
    hint,
    rows.map((row) => row.node),
    left,
    done,
  );
}

/** @type {(label: string, place: number, deps: { say: Asking["say"], move: (place: number, by: number) => void }) => { node: HTMLElement, draw: (count: number, more: boolean) => void }} */
function chipRow(label, place, { say, move }) {
  const count = el("output", {});
  /** @type {(by: number, text: string, name: string) => HTMLButtonElement} */
  const button = (by, text, name) =>
    el("button", {
      type: "button",
      text,
      "data-testid": name + place,
      "aria-label": say("room_phone." + name, { label }),
      onclick: () => move(place, by),
    });
  const [less, more] = [button(-1, "−", "less"), button(1, "+", "more")];
  const bar = el("i", { class: "chip-bar", "aria-hidden": "true" });
  const node = el("div", { class: "chip-row" }, el("b", { text: label }), bar, less, count, more);
  return {
    node,
    draw: (laid, room) => {
      setText(count, laid);
      bar.style.setProperty("--laid", String(laid));
      setAttr(less, "disabled", laid === 0);
      setAttr(more, "disabled", !room);
    },
  };
}
