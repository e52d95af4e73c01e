// The page's keys: → step, ← back, Space play and pause. They are left alone wherever a key already means something.

/** @typedef {{ step: (repeated: boolean) => unknown, back: (repeated: boolean) => unknown, play: () => unknown }} Handlers */

const TYPED_INTO =
  "input, textarea, select, canvas, [contenteditable], [role=slider], [role=tab], [role=menuitem], [role=option], [role=dialog], dialog";
const PRESSED_BY_SPACE = "button, a, summary, [role=button], [role=link], label";

// handlers: { step(repeated), back(repeated), play() }; gives a function that takes the listeners away.
/** @type {(root: HTMLElement, handlers: Handlers) => () => void} */
export function listenToKeys(root, handlers) {
  /** @param {Event} event */
  const quiet = (event) => {
    // Streamlit listens on the page for r and c; inside a shadow root it cannot see that someone is typing.
    const target = event.composedPath()[0];
    if (target instanceof Element && target.matches("input, textarea, select")) event.stopPropagation();
  };
  /** @param {KeyboardEvent} event */
  const press = (event) => pageKey(root, handlers, event);
  for (const name of ["keydown", "keypress", "keyup"]) root.addEventListener(name, quiet);
  document.addEventListener("keydown", press);
  return () => {
    for (const name of ["keydown", "keypress", "keyup"]) root.removeEventListener(name, quiet);
    document.removeEventListener("keydown", press);
  };
}

/** @type {(root: HTMLElement, handlers: Handlers, event: KeyboardEvent) => void} */
function pageKey(root, handlers, event) {
  if (event.defaultPrevented || event.isComposing || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey)
    return;
  if (!root.isConnected || root.getClientRects().length === 0) return;
  const within = event.composedPath().filter((node) => node instanceof Element);
  if (within.some((node) => node.matches(TYPED_INTO))) return;
  if (event.key === "ArrowRight") handlers.step(event.repeat);
  else if (event.key === "ArrowLeft") handlers.back(event.repeat);
  else if (event.key === " " && !within.some((node) => node.matches(PRESSED_BY_SPACE))) {
    if (!event.repeat) handlers.play();
  } else return;
  event.preventDefault();
}
