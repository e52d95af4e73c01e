// Two tokens through the blocks, at the position looked at: how likely each would be after every one, and its rank.

import { evenTicks, roundStep } from "../../kit/axis.js";
import { el, fmtNumber, fmtPercent, setAttr, setText } from "../../kit/dom.js";
import { createHead, spacer } from "../../kit/panel.js";
import { createPlot } from "../../kit/plot.js";
import { rowName, shownOf } from "./place.js";

/** @import { Followed } from "./message.d.ts" */
/** @import { Drawn, Page, Panel, Shown } from "./types.d.ts" */
/** @import { Table } from "../../types.d.ts" */

const CLASSES = ["main", "drawn"];

/** @type {(host: HTMLElement, api: Page) => Panel} */
export function createThrough(host, api) {
  /** @type {Shown | null} */
  let shown = null;
  const menu = api.menu({
    title: api.str("stream.through"),
    reading: () => shown?.header.through.reading ?? api.str("empty.hint"),
    python: () => shown?.header.through.python,
    table: () => throughTable(shown, api),
    picture: () => (shown ? plot.picture : null),
  });
  const boxes = [createNamed(api, "token"), createNamed(api, "rival")];
  const unknown = el("p", { class: "hint through-unknown", role: "status" });
  const panel = el(
    "div",
    { class: "panel through" },
    el(
      "div",
      { class: "through-names" },
      boxes.map((box) => box.node),
    ),
    unknown,
  );
  const plot = createPlot(panel, api.onResize);
  const hint = el("p", { class: "empty-hint" });
  host.append(
    createHead(api.str("stream.through"), el("small", { text: api.str("stream.through_small") }), spacer(), menu),
    panel,
    hint,
  );
  /** @param {Drawn} picture */
  function update(picture) {
    shown = shownOf(picture);
    setText(hint, shown ? "" : api.str("empty.hint"));
    setAttr(panel, "hidden", !shown);
    if (!shown) return plot.clear();
    const { tokens, unknown: missing, reading } = shown.header.through;
    boxes.forEach((box, i) => box.show(tokens[i], shown?.header.rev ?? 0));
    setText(unknown, missing.length ? api.str("stream.unknown", { words: missing.join(", ") }) : "");
    setAttr(unknown, "hidden", !missing.length);
    const last = shown.header.sizes.n_layer;
    plot.draw(
      {
        x: { min: 0, max: last, ticks: stageTicks(last, api), title: api.str("stream.through_axis") },
        y: {
          min: 0,
          max: 1,
          ticks: evenTicks(0, 1, 0.5, (value) => fmtPercent(value, 0)),
          title: api.str("stream.column.probability"),
        },
        lines: tokens.map((token, i) => ({ points: token.probs.map((p, stage) => [stage, p]), class: CLASSES[i] })),
        guides: [{ x: api.view().embed ? 0 : Math.min(last, api.view().layer + 1), class: "quiet" }],
        marks: tokens.map((token, i) => ({ x: last, y: token.probs[last], class: CLASSES[i] })),
        label: reading,
      },
      shown.theme,
    );
  }
  return { update };
}

// "emb", then the numbers of blocks.
/** @type {(last: number, api: Page) => [number, string][]} */
function stageTicks(last, api) {
  const step = Math.max(1, roundStep(last, 8));
  return [
    [0, api.str("stream.row_embed")],
    .../** @type {[number, string][]} */ (evenTicks(step, last, step, (stage) => String(stage - 1))),
  ];
}

// A box in which a token is named; what the page chose itself stands in it as a suggestion.
/** @type {(api: Page, name: "token" | "rival") => { node: HTMLElement, show: (token: Followed | undefined, rev: number) => void }} */
function createNamed(api, name) {
  const input = el("input", {
    type: "text",
    class: "named mono",
    "data-testid": name,
    spellcheck: "false",
    autocomplete: "off",
    "aria-label": api.str("stream.named." + name),
  });
  const facts = el("span", { class: "named-facts mono" });
  input.addEventListener("input", () => api.setView({ [name]: input.value }));
  input.addEventListener("keydown", (event) => event.key !== "Escape" && event.stopPropagation());
  const node = el("label", { class: "named-box " + name }, el("i", { class: "named-key" }), input, facts);
  /** @type {(token: Followed | undefined, rev: number) => void} */
  const show = (token) => {
    const typing = /** @type {ShadowRoot} */ (input.getRootNode()).activeElement === input;
    const said = api.view()[name];
    if (!typing && input.value !== said) input.value = said;
    setAttr(input, "placeholder", token?.label ?? "");
    const last = token?.ranks.length ?? 0;
    setText(
      facts,
      token
        ? api.str("stream.named.facts", {
            p: fmtPercent(token.probs[last - 1]),
            rank: fmtNumber(token.ranks[last - 1]),
          })
        : "",
    );
  };
  return { node, show };
}

/** @type {(picture: Shown | null, api: Page) => Table} */
function throughTable(picture, api) {
  const columns = ["stage", "token", "probability", "rank"].map((name) => api.str("stream.column." + name));
  const tokens = picture?.header.through.tokens ?? [];
  const rows = tokens.flatMap((token) =>
    token.probs.map((p, stage) => [rowName(api, stage), token.label, p, token.ranks[stage]]),
  );
  return { columns, rows };
}
