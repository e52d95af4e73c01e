// The prompt: a text box that reports every settled change, examples, the buttons of the path, and notes beneath.
// The box belongs to whoever types: Python's text is put in only when the conversation says so, never in the middle of a composition.

import { el, setAttr, setClass, setText, slots, svg } from "./dom.js";

const MOST_LINES = 3;
const ICONS = {
  back: "M11 3v10L4 8z",
  step: "M5 3v10l7-5z",
  play: "M5 3v10l7-5z",
  pause: "M4.5 3h2.5v10h-2.5zM9 3h2.5v10h-2.5z",
  share: "M9 2h5v5h-1.5V4.6L8.1 9 7 7.9l4.4-4.4H9zM3 4h4v1.5H4.5v6h6V9H12v4H3z",
};

// host: the panel; deps: { str, setText(text), flush(), act(kind), play(), link(button) }
export function createPrompt(host, deps) {
  const area = el("textarea", {
    class: "prompt", "data-testid": "prompt", rows: 1, spellcheck: "false", autocomplete: "off", autocapitalize: "off",
    "aria-label": deps.str("prompt.label"), placeholder: deps.str("prompt.placeholder"),
  });
  const box = { area, composing: false, waiting: null, size: () => growPrompt(area) };
  const examples = el("div", { class: "examples" });
  const buttons = pathButtons(deps);
  const notes = el("div", { class: "notes", role: "status" });
  const bar = el("div", { class: "prompt-bar" }, el("span", { class: "try", text: deps.str("prompt.try") }), examples, buttons.node);
  host.append(area, bar, notes);
  wirePrompt(box, deps);
  const setValue = (text) => putPrompt(box, text);
  const choose = (text) => {
    setValue(text);
    deps.setText(text);
    deps.flush();
  };
  return {
    area,
    setValue,
    resize: box.size,
    playing: (on) => buttons.playing(on),
    update: ({ header }) => {
      if (area.maxLength !== header.max_chars) area.maxLength = header.max_chars;
      showExamples(examples, bar, header.examples || [], choose);
      showNotes(notes, header.notes || []);
      buttons.update(header);
    },
  };
}

function putPrompt(box, text) {
  if (box.composing) {
    box.waiting = text; // a value set now would break the input method's composition
    return;
  }
  if (box.area.value !== text) box.area.value = text;
  box.size();
}

function wirePrompt(box, deps) {
  const { area } = box;
  const report = () => {
    box.size();
    deps.setText(area.value);
  };
  const settle = () => {
    box.composing = false;
    if (box.waiting !== null) putPrompt(box, box.waiting);
    box.waiting = null;
    report();
  };
  area.addEventListener("compositionstart", () => (box.composing = true));
  area.addEventListener("compositionend", settle);
  area.addEventListener("input", (event) => (box.composing || event.isComposing ? box.size() : report()));
  area.addEventListener("blur", () => box.composing && settle()); // some input methods never say that they ended
  area.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    if (event.key === "Escape") area.blur();
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      deps.act("step");
    }
  });
}

function growPrompt(area) {
  area.style.height = "auto";
  const style = getComputedStyle(area);
  const most = Number.parseFloat(style.lineHeight) * MOST_LINES + Number.parseFloat(style.paddingTop) * 2;
  const wanted = area.scrollHeight;
  area.style.height = Math.min(wanted, most || wanted) + "px";
  area.style.overflowY = wanted > most + 1 ? "auto" : "hidden";
}

function pathButtons(deps) {
  const face = (kind, key, hint, main) => {
    const label = el("span", { text: deps.str("path." + kind) });
    const icon = svg("svg", { viewBox: "0 0 16 16", class: "icon", "aria-hidden": "true" }, svg("path", { d: ICONS[kind] }));
    const node = el("button", { type: "button", class: main ? "btn primary" : "btn", "data-testid": kind, title: deps.str(hint) },
      icon, label, key ? el("kbd", { "aria-hidden": "true", text: key }) : null);
    return { node, label, icon };
  };
  const back = face("back", "←", "path.back_hint");
  const forth = face("step", "→", "path.step_hint", true);
  const play = face("play", deps.str("path.space"), "path.play_hint");
  const share = face("share", "", "path.share_hint");
  for (const [button, kind] of [[back, "back"], [forth, "step"]]) {
    button.node.addEventListener("click", () => button.node.getAttribute("aria-disabled") !== "true" && deps.act(kind));
  }
  play.node.addEventListener("click", () => deps.play());
  share.node.addEventListener("click", () => copyLink(share, deps));
  return {
    node: el("div", { class: "controls" }, back.node, forth.node, play.node, share.node),
    playing: (on) => {
      setText(play.label, deps.str(on ? "path.pause" : "path.play"));
      setAttr(play.icon.firstElementChild, "d", on ? ICONS.pause : ICONS.play);
      setAttr(play.node, "aria-pressed", String(on));
    },
    update: ({ ids, path }) => {
      // aria-disabled, not disabled: the button keeps the keyboard's focus when the path comes to its end
      const stuck = ids.length === 0 || path.full;
      setAttr(back.node, "aria-disabled", path.at === 0 ? "true" : null);
      setAttr(forth.node, "aria-disabled", stuck ? "true" : null);
      setAttr(play.node, "aria-disabled", stuck ? "true" : null);
    },
  };
}

async function copyLink(share, deps) {
  const copied = await deps.link(share.node);
  setText(share.label, deps.str(copied ? "path.shared" : "path.share_failed"));
  setTimeout(() => setText(share.label, deps.str("path.share")), 2000);
}

function showExamples(node, bar, examples, choose) {
  setClass(bar, "bare", examples.length === 0);
  const made = slots(node, examples.length, () => {
    const pill = el("button", { type: "button", class: "pill", "data-testid": "example" });
    pill.addEventListener("click", () => choose(pill.value));
    return pill;
  });
  examples.forEach((text, i) => {
    setText(made[i], text.replaceAll("\n", " ↵ "));
    if (made[i].value !== text) made[i].value = text;
  });
}

function showNotes(node, notes) {
  const made = slots(node, notes.length, () => el("p"));
  notes.forEach((note, i) => {
    setAttr(made[i], "class", "note " + note.level);
    setAttr(made[i], "role", note.level === "error" ? "alert" : null);
    setText(made[i], note.text);
  });
}
