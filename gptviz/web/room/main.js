// The students' page: come in by a code, answer what is asked, see what came. No account, nothing typed but a code and a guess.

import { el, fillIn, setAttr, setText } from "../kit/dom.js";
import { createAsked } from "./asked.js";
import { AGAIN, answerUntilHeard, askMine, keep, kept, listen, passes, post } from "./talk.js";
import { createTold } from "./told.js";

/** @import { Answer, Kept, Mine, Say, State } from "./types.d.ts" */
/** @typedef {{ room: string, token: string, name: string, state: State }} Joined */
/** @typedef {Joined & { error?: string, text?: string, again?: boolean }} Said */

/** @type {Record<string, string>} */
const STRINGS = JSON.parse(document.body.dataset.strings ?? "{}");
const host = /** @type {HTMLElement} */ (document.getElementById("room"));
const JITTER = 800; // ms over which a class asks how it did

/** @type {Say} */
const say = (key, values) => fillIn(STRINGS[key] ?? key, values);

begin();

// Comes back where this browser was in already, unless the link is to another room.
async function begin() {
  const code = codeIn(location.hash);
  const before = kept();
  if (before && (!code || code === before.code)) {
    const { room, token } = before;
    const back = /** @type {Said | null} */ (await post("join", { room, token }));
    if (back && !back.error) return enter(back, before.code);
    if (back && passes(back)) {
      setTimeout(begin, AGAIN);
      return showDoor(code || before.code, back.text);
    }
    if (back) keep(null);
  }
  showDoor(code);
  if (code) join(code);
}

// The code that a link holds behind its hash; a broken one holds none.
/** @type {(hash: string) => string} */
function codeIn(hash) {
  try {
    return decodeURIComponent(hash.slice(1)).replaceAll("-", " ");
  } catch {
    return "";
  }
}

/** @type {(code: string, error?: string) => void} */
function showDoor(code, error = "") {
  const box = el("input", {
    type: "text",
    id: "code",
    autocomplete: "off",
    autocapitalize: "off",
    spellcheck: "false",
    "data-testid": "code",
    value: code,
  });
  const form = el(
    "form",
    { class: "door" },
    el("h1", { text: say("room_phone.title") }),
    el("label", { for: "code", text: say("room_phone.code") }),
    box,
    el("button", { type: "submit", class: "go", "data-testid": "join", text: say("room_phone.join") }),
    el("p", { class: "error", role: "alert", "data-testid": "error", text: error }),
    el("p", { class: "hint", text: say("room_phone.nothing_kept") }),
  );
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    join(box.value);
  });
  host.replaceChildren(form);
}

/** @type {(code: string) => Promise<void>} */
async function join(code) {
  const joined = /** @type {Said | null} */ (await post("join", { code }));
  if (joined && !joined.error) return enter(joined, code);
  showDoor(code, joined?.text ?? say("room_phone.lost"));
}

/** @type {(joined: Joined, code: string) => void} */
function enter({ room, token, name, state }, code) {
  const me = { room, token, name, code };
  keep(me);
  inside(me, state);
}

/** @type {(me: Kept, first: State) => void} */
function inside(me, first) {
  let state = first;
  /** @type {Mine | null} */
  let mine = null;
  let sent = 0; // the newest wish
  const status = el("p", { class: "status", role: "status", "data-testid": "status" });
  const problem = el("p", { class: "error", role: "alert" });
  const body = el("div", {});
  host.replaceChildren(
    el("header", {}, el("span", { text: say("room_phone.you") }), el("b", { "data-testid": "name", text: me.name })),
    body,
    problem,
    status,
  );
  const own = () => (mine?.number === state.number ? mine : null);

  function tell() {
    const asked = state.phase === "open" && state.kind !== "follow" && state.kind !== "wait";
    const done = asked && own()?.answer ? say("room_phone.sent") + " " : "";
    setText(status, asked ? done + say("room_phone.answered", { count: state.answered, members: state.members }) : "");
  }
  /** @param {Answer} answer */
  async function send(answer) {
    const wish = ++sent;
    const { number = 0 } = state;
    setText(problem, "");
    setText(status, say("room_phone.sending"));
    const wanted = () => wish === sent && number === state.number;
    const said = await answerUntilHeard(me, number, answer, wanted, (why) => setText(problem, why));
    if (!wanted()) return;
    setText(problem, "");
    if (said?.error) return setText(problem, said.text);
    mine = { name: me.name, bits: 0, hits: 0, gain: null, hit: null, number, answer };
    tell();
  }
  function draw() {
    const { kind, phase } = state;
    const asking = { say, state, answer: own()?.answer ?? null, send };
    if (kind === "wait") body.replaceChildren(el("h1", { text: say("room_phone.wait") }));
    else if (phase === "revealed") body.replaceChildren(createTold(state, own(), say));
    else {
      body.replaceChildren(createAsked(asking));
      if (phase === "closed") {
        for (const node of body.querySelectorAll("button, input")) setAttr(node, "disabled", true);
        body.append(el("p", { class: "closed", text: say("room_phone.closed") }));
      }
    }
    tell();
  }
  async function refresh() {
    const { number, phase } = state;
    if (!number || (own() && phase !== "revealed")) return;
    if (phase === "revealed") await new Promise((done) => setTimeout(done, Math.random() * JITTER));
    const found = await askMine(me);
    if (!found || passes(found) || number !== state.number) return;
    if (found.error) return leave(found.text);
    mine = found;
    if (phase === "revealed" || found.answer) draw();
    else tell(); // what has been typed or laid meanwhile stays
  }
  /** @param {string} [why] */
  function leave(why) {
    stop();
    keep(null);
    history.replaceState(null, "", location.pathname + location.search);
    showDoor("", why ?? say("room_phone.ended"));
  }
  const stop = listen(me.room, {
    state: (news) => {
      const same = news.number === state.number && news.version === state.version;
      state = news;
      if (state.ended) return leave();
      setText(problem, "");
      if (!same || body.childElementCount === 0) draw();
      refresh();
    },
    count: (answered, members) => {
      state = { ...state, answered, members };
      tell();
    },
    lost: (lost) => (lost ? setText(problem, say("room_phone.lost")) : setText(problem, "")),
  });
  draw();
}
