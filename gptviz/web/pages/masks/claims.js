// What textbooks say of GPT and is not so: the claims as a list, and for the chosen one what the open model has to say to it.

import { el, setAttr, setClass, setStyle, setText, slots } from "../../kit/dom.js";
import { createHead, spacer } from "../../kit/panel.js";

/** @import { Page, Panel, Shown } from "./types.d.ts" */
/** @import { Claim } from "./message.d.ts" */
/** @import { Table } from "../../types.d.ts" */

/** @type {(host: HTMLElement, api: Page) => Panel} */
export function createClaims(host, api) {
  /** @type {Shown | null} */
  let shown = null;
  const claim = () => shown?.header.claim ?? null;
  const small = el("small", { text: api.str("masks.claims_small") });
  const head = createHead(api.str("masks.claims"), small, spacer(), createTurn("halves", api));
  head.append(
    api.menu({
      title: api.str("masks.claims"),
      reading: () => claim()?.reading ?? api.str("empty.hint"),
      python: () => claim()?.python ?? "",
      table: () => claimTable(claim(), api),
      picture: () => (claim() ? proof : null),
    }),
  );
  const list = el("div", { class: "claim-list", role: "group", "aria-label": api.str("masks.claims") });
  const title = el("h3", {});
  const before = el("p", { class: "mask-before", text: api.str("masks.before") });
  const truth = el("p", { class: "claim-truth", "data-testid": "truth", role: "status" });
  const bars = el("div", { class: "claim-bars" });
  const measure = el("button", {
    type: "button",
    class: "btn",
    "data-testid": "measure",
    text: api.str("masks.measure"),
    onclick: () => api.act({ kind: "measure" }),
  });
  const proof = el("div", { class: "claim-proof", "data-testid": "proof" }, title, before, truth, bars, measure);
  const empty = el("p", { class: "hint", text: api.str("empty.hint") });
  host.append(head, el("div", { class: "claim-body" }, list, el("div", {}, proof, empty)));
  return {
    update: (picture) => {
      shown = picture;
      setClass(host, "turned", api.view().told !== "claims"); // where both have room, both are seen
      showList(list, picture.header.claims, api);
      const found = claim();
      setAttr(proof, "hidden", !found);
      setAttr(empty, "hidden", Boolean(found));
      if (!found) return;
      setText(title, api.str("masks.claim." + found.name));
      setText(truth, found.reading);
      setClass(proof, "waiting", found.before);
      setAttr(proof, "aria-busy", String(found.before));
      setAttr(proof, "data-ids", found.ids.join(","));
      setAttr(measure, "hidden", found.name !== "cost");
      setAttr(proof, "data-claim", found.name);
      showClaimBars(bars, found);
    },
  };
}

// A button that turns the claims over to the table of halves, or back.
/** @type {(told: "claims" | "halves", api: Page) => HTMLButtonElement} */
export function createTurn(told, api) {
  return el("button", {
    type: "button",
    class: "link turn",
    "data-testid": "turn-" + told,
    text: api.str("masks.told." + told),
    onclick: () => api.setView({ told }),
  });
}

/** @type {(list: HTMLElement, names: string[], api: Page) => void} */
function showList(list, names, api) {
  const chosen = api.view().claim;
  const made = slots(list, names.length, () =>
    el("button", { type: "button", class: "claim", "data-testid": "claim" }, el("span", { class: "claim-text" })),
  );
  names.forEach((name, i) => {
    setText(made[i].children[0], api.str("masks.claim." + name));
    setAttr(made[i], "aria-pressed", String(name === chosen));
    /** @type {HTMLElement} */ (made[i]).onclick = () => api.setView({ claim: name });
  });
}

/** @type {(host: HTMLElement, claim: Claim) => void} */
function showClaimBars(host, claim) {
  const made = slots(host, claim.bars.length, () =>
    el(
      "div",
      { class: "claim-bar" },
      el("span", {}),
      el("span", { class: "claim-track" }, el("i", {})),
      el("b", { class: "mono" }),
    ),
  );
  claim.bars.forEach(({ name, share, number }, i) => {
    const [label, track, value] = made[i].children;
    setText(label, name);
    setAttr(label, "title", name);
    setStyle(/** @type {HTMLElement} */ (track.children[0]), "width", (share * 100).toFixed(2) + "%");
    setText(value, number);
  });
}

/** @type {(claim: Claim | null, api: Page) => Table} */
function claimTable(claim, api) {
  const columns = [api.str("masks.column.name"), api.str("masks.column.number")];
  return { columns, rows: (claim?.bars ?? []).map(({ name, number }) => [name, number]) };
}
