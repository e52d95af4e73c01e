// The prompt: the text box with its examples and notes, and the buttons of the path.

import { el, setAttr, setText, svg } from "./dom.js";
import { createTextbox } from "./textbox.js";

const ICONS = {
  back: "M11 3v10L4 8z",
  step: "M5 3v10l7-5z",
  play: "M5 3v10l7-5z",
  pause: "M4.5 3h2.5v10h-2.5zM9 3h2.5v10h-2.5z",
  share: "M9 2h5v5h-1.5V4.6L8.1 9 7 7.9l4.4-4.4H9zM3 4h4v1.5H4.5v6h6V9H12v4H3z",
};

// host: the panel; deps: { str, setText(text), flush(), act(kind), play(), link(button) }
export function createPrompt(host, deps) {
  const box = createTextbox(deps);
  const buttons = pathButtons(deps);
  const bar = el(
    "div",
    { class: "prompt-bar" },
    el("span", { class: "try", text: deps.str("prompt.try") }),
    box.examples,
    buttons.node,
  );
  host.append(box.area, bar, box.notes);
  return {
    area: box.area,
    setValue: box.setValue,
    resize: box.resize,
    playing: (on) => buttons.playing(on),
    update: ({ header }) => {
      box.update(header);
      buttons.update(header);
    },
  };
}

function pathButtons(deps) {
  const face = (kind, key, hint, main) => {
    const label = el("span", { text: deps.str("path." + kind) });
    const icon = svg(
      "svg",
      { viewBox: "0 0 16 16", class: "icon", "aria-hidden": "true" },
      svg("path", { d: ICONS[kind] }),
    );
    const node = el(
      "button",
      { type: "button", class: main ? "btn primary" : "btn", "data-testid": kind, title: deps.str(hint) },
      icon,
      label,
      key ? el("kbd", { "aria-hidden": "true", text: key }) : null,
    );
    return { node, label, icon };
  };
  const back = face("back", "←", "path.back_hint");
  const forth = face("step", "→", "path.step_hint", true);
  const play = face("play", deps.str("path.space"), "path.play_hint");
  const share = face("share", "", "path.share_hint");
  for (const [button, kind] of [
    [back, "back"],
    [forth, "step"],
  ]) {
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
