// Where a box shows only a part of what lies in it, that edge fades: a row or a word cut in two then says that it goes on.

import { setAttr } from "./dom.js";

const SPARE = 2; // pixels: less than this is rounding, and hides nothing

// Looks after all boxes of class `edged` below `root`; `check` when something may have been drawn, `stop` at the end.
/** @type {(root: HTMLElement) => { check: () => void, stop: () => void }} */
export function watchEdges(root) {
  let frame = 0;
  const mark = () => {
    frame = 0;
    // all is measured before anything is written: one layout for all boxes
    const seen = [...root.querySelectorAll(".edged")].map((box) => /** @type {const} */ ([box, hidden(box)]));
    for (const [box, { right, below }] of seen) {
      setAttr(box, "data-right", right);
      setAttr(box, "data-below", below);
    }
  };
  const check = () => {
    if (!frame) frame = requestAnimationFrame(mark);
  };
  root.addEventListener("scroll", check, { capture: true, passive: true });
  const stop = () => {
    cancelAnimationFrame(frame);
    root.removeEventListener("scroll", check, { capture: true });
  };
  return { check, stop };
}

// Whether more lies to the right of what is seen, and below it.
/** @type {(box: Element) => { right: boolean, below: boolean }} */
function hidden(box) {
  return {
    right: box.scrollWidth - box.clientWidth - box.scrollLeft > SPARE,
    below: box.scrollHeight - box.clientHeight - box.scrollTop > SPARE,
  };
}
