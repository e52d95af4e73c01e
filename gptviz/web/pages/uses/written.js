// The continuation as it comes, each token on a ground that says how likely it was; how it is decoded; the same prompt elsewhere.

import { el, setAttr, setStyle, setText, slots } from "../../kit/dom.js";
import { createNumber, LARGEST_SEED } from "../../kit/number.js";
import { createHead, spacer } from "../../kit/panel.js";

/** @import { Page, Panel, Shown } from "./types.d.ts" */
/** @import { Bit } from "./message.d.ts" */

const WAYS = /** @type {const} */ (["greedy", "careful", "free"]);
const ELSEWHERE = /** @type {const} */ (["compare", "steps"]); // addresses of pages, and what they are called
const DARKEST = 38; // per cent of the accent under the likeliest token: ink stays easy to read on it

/** @type {(host: HTMLElement, api: Page) => Panel} */
export function createWritten(host, api) {
  /** @type {Shown | null} */
  let shown = null;
  const found = () => shown?.header.written ?? null;
  const number = el("small", {});
  const more = api.menu({
    title: api.str("uses.written"),
    reading: () => found()?.reading ?? "",
    python: () => found()?.python ?? "",
    table: () => ({ columns: found()?.columns ?? [], rows: found()?.rows ?? [] }),
    picture: () => (found()?.bits.length ? text : null),
  });
  const controls = createControls(api);
  const given = el("span", { class: "given" });
  const added = el("span", { class: "added", "data-testid": "added" });
  const text = el(
    "p",
    { class: "use-text", "data-testid": "text", tabindex: 0, role: "group", "aria-label": api.str("uses.written") },
    given,
    added,
  );
  const reading = el("p", { class: "use-reading", "data-testid": "reading" });
  const key = el("p", { class: "use-key" }, el("i", {}), api.str("uses.key"));
  const empty = el("p", { class: "hint", text: api.str("empty.hint") });
  const links = ELSEWHERE.map((name) =>
    el("a", { class: "btn", "data-testid": name, title: api.str("uses.open_hint"), text: api.str("uses." + name) }),
  );
  host.append(
    createHead(api.str("uses.written"), number, spacer(), more),
    controls.node,
    empty,
    text,
    key,
    reading,
    el("div", { class: "use-links" }, links),
  );
  return {
    update: (picture) => {
      shown = picture;
      const { header } = picture;
      const written = found();
      controls.update(picture);
      setAttr(empty, "hidden", Boolean(written));
      for (const node of [text, key, reading]) setAttr(node, "hidden", !written);
      setAttr(more, "hidden", !written?.rows.length);
      ELSEWHERE.forEach((address, i) => setAttr(links[i], "href", `${address}?${header.link}`));
      setText(number, written?.number ?? "");
      if (!written) return;
      setText(given, header.text);
      const atEnd = text.scrollTop + text.clientHeight >= text.scrollHeight - 8;
      showBits(added, written.bits);
      if (atEnd && !written.done) text.scrollTop = text.scrollHeight;
      setText(reading, written.reading);
    },
  };
}

/** @type {(host: HTMLElement, bits: Bit[]) => void} */
function showBits(host, bits) {
  const made = slots(host, bits.length, () => el("span", {}));
  bits.forEach(({ text, p }, i) => {
    setText(made[i], text);
    setStyle(/** @type {HTMLElement} */ (made[i]), "--p", (p * DARKEST).toFixed(1) + "%");
  });
}

/** @type {(api: Page) => Panel & { node: HTMLElement }} */
function createControls(api) {
  const ways = WAYS.map((way) =>
    el("button", {
      type: "button",
      "data-testid": "way",
      value: way,
      text: api.str("uses.way." + way),
      onclick: () => api.setView({ way }),
    }),
  );
  const length = createNumber("length", api);
  const seed = createNumber("seed", api);
  length.bound(10, 120);
  seed.bound(0, LARGEST_SEED);
  const write = el("button", {
    type: "button",
    class: "btn primary",
    "data-testid": "write",
    title: api.str("uses.write_hint"),
    onclick: () => api.act({ kind: api.picture()?.header.running ? "stop" : "write" }),
  });
  const node = el(
    "div",
    { class: "use-controls" },
    el("div", { class: "switch", role: "group", "aria-label": api.str("uses.ways") }, ways),
    el("label", {}, api.str("uses.length"), " ", length.input),
    el("label", {}, api.str("uses.seed"), " ", seed.input),
    write,
  );
  return {
    node,
    update: ({ header }) => {
      const view = api.view();
      for (const button of ways) setAttr(button, "aria-pressed", String(view.way === button.value));
      for (const box of [length, seed]) box.show(view);
      setText(write, api.str(header.running ? "uses.stop" : "uses.write"));
    },
  };
}
