// The door of the room: its code, address and QR code, big enough for the back row; before that, the button that opens it.

import { el, setAttr, setText, slots, svg } from "../../kit/dom.js";
import { createHead, spacer } from "../../kit/panel.js";
import { baseOf, store } from "./live.js";

/** @import { Page, Panel, Shown } from "./types.d.ts" */
/** @import { Opened } from "./message.d.ts" */
/** @import { Table } from "../../types.d.ts" */

/** @type {(host: HTMLElement, api: Page) => Panel} */
export function createDoor(host, api) {
  const open = el("button", {
    type: "button",
    class: "btn primary big",
    "data-testid": "open",
    text: api.str("room.open"),
  });
  open.addEventListener("click", () => api.act({ kind: "open", origin: baseOf() }));
  const points = ["phones", "names", "words", "forgotten"].map((name) =>
    el("li", { text: api.str("room.says." + name) }),
  );
  const closed = el(
    "div",
    { class: "door-closed" },
    el("p", { text: api.str("room.what") }),
    el("ul", {}, points),
    open,
  );
  const code = el("p", { class: "door-code", "data-testid": "code" });
  const path = svg("path", { fill: "#000" });
  const qr = svg("svg", { class: "door-qr", role: "img", "aria-label": api.str("room.qr"), "data-testid": "qr" }, path);
  const address = el("p", { class: "door-address mono", "data-testid": "address" });
  const alone = el("p", { class: "hint door-alone", text: api.str("room.alone") });
  const count = el("span", { class: "door-count", role: "status", "data-testid": "members" });
  const tools = createTools(api);
  const inside = el("div", { class: "door-open" }, address, el("div", { class: "door-words" }, code, count), qr, alone);
  /** @type {Opened | null} */
  let shown = null;
  const more = api.menu({
    title: api.str("room.door"),
    reading: () => (shown ? api.str("room.reading.door", { address: shown.address, code: shown.code }) : ""),
    table: () => tableOf(shown, api),
    picture: () => qr,
  });
  host.append(createHead(api.str("room.door"), spacer(), more), closed, inside, tools.node);

  /** @param {Shown} picture */
  function update({ header }) {
    const { room } = header;
    shown = room;
    setAttr(more, "hidden", room === null);
    setAttr(closed, "hidden", room !== null);
    setAttr(inside, "hidden", room === null);
    setAttr(tools.node, "hidden", room === null);
    if (!room) return;
    const words = room.code.split(" ");
    slots(code, words.length, () => el("span", {}));
    words.forEach((word, i) => setText(code.children[i], word));
    const [host, rest] = room.address.split(/(?=\/)/, 2); // it breaks there, where it must
    address.replaceChildren(host, el("wbr", {}), rest ?? "");
    setAttr(path, "d", room.qr_path);
    setAttr(qr, "viewBox", `-3 -3 ${room.qr_size + 6} ${room.qr_size + 6}`);
    setAttr(alone, "hidden", !room.alone);
    setText(count, api.str("room.members", { count: room.members }));
    tools.update(room);
  }
  return { update };
}

/** @type {(room: Opened | null, api: Page) => Table} */
function tableOf(room, api) {
  const columns = [api.str("room.column.what"), api.str("room.column.value")];
  if (!room) return { columns, rows: [] };
  return {
    columns,
    rows: [
      [api.str("room.column.code"), room.code],
      [api.str("room.column.link"), room.link],
      [api.str("room.column.in"), room.members],
    ],
  };
}

/** @type {(api: Page) => { node: HTMLElement, update: (room: Opened) => void }} */
function createTools(api) {
  const names = el("button", {
    type: "button",
    class: "btn",
    "data-testid": "names",
    text: api.str("room.names"),
    title: api.str("room.names_hint"),
  });
  names.addEventListener("click", () => api.act({ kind: "names", on: names.getAttribute("aria-pressed") !== "true" }));
  const people = el("button", {
    type: "button",
    class: "btn",
    text: api.str("room.people"),
    "data-testid": "people",
    "aria-haspopup": "dialog",
  });
  people.addEventListener("click", () => api.dialog(api.str("room.people"), (close) => peopleList(api, close)));
  const votes = el("button", {
    type: "button",
    class: "btn",
    "data-testid": "votes",
    title: api.str("room.votes_hint"),
  });
  votes.addEventListener("click", () => api.act({ kind: "votes" }));
  const end = el("button", { type: "button", class: "btn", "data-testid": "end", text: api.str("room.end") });
  end.addEventListener("click", () => api.dialog(api.str("room.end"), (close) => ending(api, close)));
  const left = el("small", { class: "door-left" });
  return {
    node: el("div", { class: "door-tools" }, names, people, votes, end, left),
    update: (room) => {
      setAttr(names, "aria-pressed", String(room.names));
      setAttr(votes, "hidden", room.pairs === 0);
      setText(votes, api.str("room.votes", { count: room.pairs }));
      setText(left, api.str("room.minutes", { count: room.minutes_left }));
    },
  };
}

/** @type {(api: Page, close: () => void) => HTMLElement} */
function ending(api, close) {
  const go = el("button", {
    type: "button",
    class: "btn primary",
    "data-testid": "end-now",
    text: api.str("room.end_now"),
  });
  go.addEventListener("click", () => {
    store("");
    api.act({ kind: "end" });
    close();
  });
  return el(
    "div",
    { class: "sheet-body" },
    el("p", { class: "reading", text: api.str("room.end_says") }),
    el("div", { class: "actions" }, go),
  );
}

/** @type {(api: Page, close: () => void) => HTMLElement} */
function peopleList(api, close) {
  const people = api.picture()?.header.room?.people ?? [];
  const rows = people.map((name) =>
    el(
      "li",
      {},
      name,
      el("button", {
        type: "button",
        class: "link",
        text: api.str("room.remove"),
        "aria-label": api.str("room.remove_label", { name }),
        onclick: () => {
          api.act({ kind: "remove", name });
          close();
        },
      }),
    ),
  );
  return el(
    "div",
    { class: "sheet-body" },
    people.length ? el("ul", { class: "door-people" }, rows) : el("p", { class: "hint", text: api.str("room.nobody") }),
  );
}
