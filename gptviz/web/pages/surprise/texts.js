// The two texts: A is the prompt that all pages share, B may be empty. Pairs to try, and a link to it all.

import { createShare } from "../../kit/buttons.js";
import { createChat } from "../../kit/chat.js";
import { el, setAttr, setText, slots } from "../../kit/dom.js";
import { promptBar } from "../../kit/prompt.js";
import { createStart } from "../../kit/start.js";
import { createTextbox } from "../../kit/textbox.js";

/** @import { Page } from "./types.d.ts" */
/** @import { SurpriseHeader } from "./message.d.ts" */
/** @import { Textbox } from "../../kit/textbox.js" */

const MOST_TEXT_LINES = 5;

// Gives { setText, update(header) }.
/** @type {(host: HTMLElement, page: Page) => { setText: (text: string) => void, update: (header: SurpriseHeader) => void }} */
export function createTexts(host, page) {
  const first = createTextbox({
    str: page.str,
    setText: page.setText,
    setBeyond: (count) => page.setBeyond("text", count),
    bounds: page.bounds,
    flush: page.flush,
    lines: MOST_TEXT_LINES,
    label: page.str("surprise.text_a"),
    placeholder: page.str("surprise.text_a"),
  });
  const other = createTextbox({
    str: page.str,
    setText: (text) => page.setView({ other: text }),
    setBeyond: (count) => page.setBeyond("other", count),
    bounds: page.bounds,
    flush: page.flush,
    lines: MOST_TEXT_LINES,
    testid: "prompt-b",
    label: page.str("surprise.text_b"),
    placeholder: page.str("surprise.text_b"),
  });
  /** @type {number | null} */
  let rev = null;
  const marks = [createStart(page), createStart(page, "start-b")]; // both texts are read alike
  const chat = createChat(page);
  /** @param {string} name @param {Textbox} box @param {HTMLElement[]} before */
  const field = (name, box, before) =>
    el(
      "div",
      { class: "text-field" },
      el("span", { class: "text-badge", "aria-hidden": "true", text: name }),
      before,
      box.area,
    );
  const pairs = el("div", { class: "examples" });
  const swap = el("button", {
    type: "button",
    class: "btn",
    "data-testid": "swap",
    title: page.str("surprise.swap_hint"),
    text: page.str("surprise.swap"),
    onclick: () => page.act({ kind: "swap" }),
  });
  host.append(
    el(
      "div",
      { class: "text-fields" },
      field("A", first, [marks[0].node, ...chat.nodes]),
      field("B", other, [marks[1].node]),
    ),
    promptBar(page.str("surprise.try"), pairs, [swap, createShare(page)]),
    first.notes,
  );
  page.onResize(host, () => [first, other].forEach((box) => box.resize()));

  /** @param {SurpriseHeader} header */
  function update(header) {
    first.update(header);
    for (const mark of [...marks, chat]) mark.update(header);
    // Python sets the other text only where it says so by a new revision; else it belongs to whoever types
    if (header.rev !== rev) other.setValue(header.view.other);
    rev = header.rev;
    const made = slots(pairs, header.pairs.length, (index) =>
      el("button", {
        type: "button",
        class: "pill",
        "data-testid": "pair",
        onclick: () => page.act({ kind: "pair", index }),
      }),
    );
    header.pairs.forEach((name, i) => setText(made[i], name));
    setAttr(swap, "aria-disabled", header.sides[1] ? null : "true");
  }
  return { setText: first.setValue, update };
}
