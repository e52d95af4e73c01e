// The rail beside a page while a lesson is open: what the step says, what to do, whether it is done, and the way on. It is built anew
// for each step and then only told what has changed, so that nobody loses the field they type in. On a phone it is a sheet at the foot
// of the window: whoever turns to the page folds it to what there is to do, and a tap brings it back.

import { el, setAttr, setClass, setText } from "./dom.js";
import { rememberLessons, tellLessons } from "./lesson_memory.js";

/** @import { Action, Lesson } from "../types.d.ts" */
/** @typedef {{ node: HTMLElement, follow: (lesson: Lesson | null | undefined) => void }} Rail */
/** @typedef {{ update: (lesson: Lesson) => void }} Part */
/** @typedef {(what: string, more?: object) => void} Do */

const STYLES = /** @type {Record<string, "strong" | "em" | "code">} */ ({ strong: "strong", em: "em", code: "code" });

const NARROW = "(max-width: 899px)"; // as in rail.css

/** @type {(root: HTMLElement, act: (action: Action) => void) => Rail} */
export function createRail(root, act) {
  const node = el("aside", { class: "lesson-rail", hidden: true, "data-testid": "rail" });
  /** @type {Do} */
  const ask = (what, more = {}) => act({ kind: "lesson", do: what, ...more });
  /** @type {Part[]} */
  let parts = [];
  let built = "";
  let open = false;
  root.addEventListener("pointerdown", ({ target }) => {
    if (!open || !matchMedia(NARROW).matches || node.contains(/** @type {Node} */ (target))) return;
    open = false;
    ask("fold", { on: true });
  });
  const follow = (/** @type {Lesson | null | undefined} */ lesson) => {
    if (!lesson && node.hidden) return;
    node.hidden = !lesson;
    open = Boolean(lesson && !lesson.folded && !lesson.missing);
    setClass(root, "with-rail", lesson && !lesson.folded);
    setClass(root, "rail-folded", lesson?.folded);
    hide(root, lesson?.hide ?? []);
    if (!lesson) return;
    tellLessons(act);
    rememberLessons(lesson.kept);
    const key = JSON.stringify([
      lesson.name,
      lesson.at,
      lesson.words.next,
      lesson.folded,
      lesson.missing,
      lesson.heading,
    ]);
    if (key !== built) {
      const here = node.contains(/** @type {ShadowRoot} */ (root.getRootNode()).activeElement);
      parts = build(node, lesson, ask);
      if (here) /** @type {HTMLElement | null} */ (node.querySelector("[tabindex='-1'], .rail-open"))?.focus();
      built = key;
    }
    for (const part of parts) part.update(lesson);
  };
  return { node, follow };
}

// What the step does without, or shows once it is passed, keeps its place.
/** @type {(root: HTMLElement, names: readonly string[]) => void} */
function hide(root, names) {
  if (!names.length && !root.querySelector(".lesson-hidden")) return;
  const wanted = new Set(
    names
      .map(CSS.escape)
      .flatMap((name) => [...root.querySelectorAll(`[data-testid="${name}"], .${name}-card, .${name}`)]),
  );
  for (const node of root.querySelectorAll(".lesson-hidden"))
    if (!wanted.has(node)) node.classList.remove("lesson-hidden");
  for (const node of wanted) node.classList.add("lesson-hidden");
}

/** @type {(node: HTMLElement, lesson: Lesson, ask: Do) => Part[]} */
function build(node, lesson, ask) {
  const { words } = lesson;
  setAttr(node, "aria-label", lesson.title);
  if (lesson.folded || lesson.missing) {
    const unfold = button("unfold", words.unfold, () => ask("fold", { on: false }), "btn rail-open");
    const bar = el("div", { class: "rail-in rail-bar card" }, barHead(lesson, unfold, ask));
    node.replaceChildren(bar);
    return lesson.missing ? [] : [feedbackOf(bar, ask), nextOf(bar, lesson, ask)];
  }
  const inner = el("div", { class: "rail-in card" });
  const parts = [
    headOf(inner, lesson, ask),
    textOf(inner, lesson),
    checkOf(inner, lesson, ask),
    feedbackOf(inner, ask),
    wayOn(inner, lesson, ask),
  ];
  node.replaceChildren(inner);
  return parts;
}

// Folded: the button alone where there is room; on a phone with what there is to do, which unfolds it too.
/** @type {(lesson: Lesson, unfold: HTMLElement, ask: Do) => HTMLElement} */
function barHead(lesson, unfold, ask) {
  const todo = el("p", { class: "rail-todo" }, el("b", { text: lesson.heading }), " ", ...written(lesson.do));
  todo.addEventListener("click", () => ask("fold", { on: false }));
  return el("div", { class: "rail-row" }, todo, unfold);
}

// The way on, as soon as the step is done.
/** @type {(host: HTMLElement, lesson: Lesson, ask: Do) => Part} */
function nextOf(host, lesson, ask) {
  const last = lesson.at + 1 >= lesson.of;
  const next = button("next", last ? lesson.words.finish : lesson.words.next, () => ask("next"), "btn primary rail-on");
  host.append(next);
  return { update: ({ passed }) => setAttr(next, "hidden", !passed) };
}

/** @type {(name: string, text: string, run: () => void, kind?: string) => HTMLButtonElement} */
function button(name, text, run, kind = "btn") {
  return el("button", { type: "button", class: kind, "data-testid": "rail-" + name, text, onclick: run });
}

/** @type {(host: HTMLElement, lesson: Lesson, ask: Do) => Part} */
function headOf(host, lesson, ask) {
  const { words } = lesson;
  const steps = Array.from({ length: lesson.of }, (_, i) =>
    el("button", {
      type: "button",
      class: "rail-dot",
      onclick: () => ask("go", { at: i }),
      "data-testid": "rail-dot-" + i,
    }),
  );
  host.append(
    el(
      "div",
      { class: "head" },
      el("h2", { class: "rail-title", text: lesson.title }),
      el("span", { class: "spacer" }),
      button("fold", words.fold, () => ask("fold", { on: true }), "link"),
      button("close", words.close, () => ask("close"), "link"),
    ),
    el("div", { class: "rail-dots", role: "group", "aria-label": words.progress }, steps),
  );
  const update = (/** @type {Lesson} */ now) => {
    for (const [i, dot] of steps.entries()) {
      const done = now.done.includes(i);
      setClass(dot, "done", done);
      setAttr(dot, "aria-current", i === now.at ? "step" : null);
      setAttr(dot, "aria-label", `${i + 1} / ${now.of}${done ? " ✓" : ""}`);
    }
  };
  return { update };
}

/** @type {(host: HTMLElement, lesson: Lesson) => Part} */
function textOf(host, lesson) {
  host.append(el("h3", { class: "rail-heading", tabindex: "-1", text: lesson.heading }));
  /** @type {HTMLElement | null} */
  let list = null;
  for (const [kind, spans] of lesson.text) {
    if (kind === "li") {
      if (!list) {
        list = el("ul", {});
        host.append(list);
      }
      list.append(el("li", {}, written(spans)));
    } else {
      list = null;
      host.append(el("p", { class: "rail-text" }, written(spans)));
    }
  }
  return { update: () => {} };
}

/** @type {(spans: readonly [string, string][]) => (Node | string)[]} */
export function written(spans) {
  return spans.map(([style, text]) => (style in STYLES ? el(STYLES[style], { text }) : text));
}

/** @type {(host: HTMLElement, lesson: Lesson, ask: Do) => Part} */
function checkOf(host, lesson, ask) {
  const box = el(
    "div",
    { class: "rail-do" },
    el("b", { class: "rail-label", text: lesson.words.do }),
    el("p", {}, written(lesson.do)),
  );
  host.append(box);
  if (lesson.kind === "guess") return guessOf(box, lesson, ask);
  if (lesson.kind === "number") return numberOf(box, lesson, ask);
  return { update: () => {} };
}

/** @type {(host: HTMLElement, lesson: Lesson, ask: Do) => Part} */
function guessOf(host, lesson, ask) {
  const options = lesson.options.map((text, i) =>
    button("option-" + i, text, () => ask("answer", { value: i }), "btn rail-option"),
  );
  host.append(el("div", { class: "rail-options" }, options));
  const update = (/** @type {Lesson} */ now) => {
    for (const [i, option] of options.entries()) {
      const open = now.right === null;
      option.disabled = !open;
      setClass(option, "right", i === now.right);
      setAttr(option, "aria-pressed", String(i === now.answer));
    }
  };
  return { update };
}

/** @type {(host: HTMLElement, lesson: Lesson, ask: Do) => Part} */
function numberOf(host, lesson, ask) {
  const input = el("input", {
    type: "text",
    inputmode: "decimal",
    class: "rail-number",
    "data-testid": "rail-number",
    "aria-label": lesson.words.do,
  });
  const send = () => {
    const value = Number(input.value.trim().replace(",", ".").replace("−", "-").replace(/%$/, ""));
    if (input.value.trim() && Number.isFinite(value)) ask("answer", { value });
  };
  input.addEventListener("keydown", (event) => {
    event.stopPropagation(); // Streamlit, and the page, listen for keys
    if (event.key === "Enter" && !event.isComposing) send();
  });
  host.append(
    el(
      "div",
      { class: "rail-entry" },
      input,
      lesson.unit ? el("span", { text: lesson.unit }) : null,
      button("check", lesson.words.check, send),
    ),
  );
  return { update: () => {} };
}

// What is said of the check, and of what keeps it from being passed here.
/** @type {(host: HTMLElement, ask: Do) => Part} */
function feedbackOf(host, ask) {
  const claim = el("p", { class: "note warn", hidden: true, "data-testid": "rail-claim" });
  const go = button("go", "", () => ask("again"), "btn primary");
  const elsewhere = el("p", { class: "rail-elsewhere", hidden: true }, go);
  const said = el("p", { class: "rail-said", role: "status", "data-testid": "rail-said" });
  host.append(claim, elsewhere, said);
  const update = (/** @type {Lesson} */ now) => {
    claim.hidden = !now.claim;
    setText(claim, now.claim);
    elsewhere.hidden = !now.elsewhere;
    setText(go, now.words.go + " " + now.elsewhere);
    setText(said, now.feedback);
    setClass(said, "passed", now.passed);
  };
  return { update };
}

/** @type {(host: HTMLElement, lesson: Lesson, ask: Do) => Part} */
function wayOn(host, lesson, ask) {
  const { words } = lesson;
  const last = lesson.at + 1 >= lesson.of;
  const back = button("back", words.back, () => lesson.at > 0 && ask("back"));
  const next = button("next", "", () => ask("next"));
  setAttr(back, "aria-disabled", lesson.at === 0 ? "true" : null);
  host.append(
    el(
      "div",
      { class: "rail-way" },
      back,
      button("again", words.again, () => ask("again"), "link"),
      el("span", { class: "spacer" }),
      next,
    ),
  );
  const update = (/** @type {Lesson} */ now) => {
    setClass(next, "primary", now.passed);
    setText(next, last ? words.finish : now.passed ? words.next : words.skip);
  };
  return { update };
}
