// The path: the tokens generated so far as a line that can be walked back and branched, the ends of all branches, earlier prompts.

import { el, fmtPercent, partsOf, setAttr, setClass, setText, slots, svg, within } from "../../kit/dom.js";
import { createHead, createIntoPrompt, createVoice, spacer, whatFollows } from "../../kit/panel.js";

/** @import { NextTokenHeader, Page, Panel, PathNode } from "./types.d.ts" */
/** @import { Table } from "../../types.d.ts" */
/** @import { Voice } from "../../kit/panel.js" */
/** @import { PathBranch, PathToken, PathView } from "./message.d.ts" */

// host: the panel; api as for every panel, with api.dialog(title, body) for the list of earlier prompts.
/** @type {(host: HTMLElement, api: Page) => Panel} */
export function createPath(host, api) {
  /** @type {{ header: NextTokenHeader | null, at: number | null }} */
  const memory = { header: null, at: null };
  const note = el("small", {});
  const keep = createIntoPrompt(api);
  const earlier = el("button", {
    type: "button",
    class: "link",
    "data-testid": "earlier",
    title: api.str("path.earlier_hint"),
  });
  const head = createHead(api.str("path.title"), note, spacer(), keep, earlier);
  const line = el("div", { class: "path-line", role: "group", "aria-label": api.str("path.title") });
  const branches = el("div", { class: "branches" });
  const voice = createVoice(api);
  head.append(
    api.menu({
      title: api.str("path.title"),
      reading: () => pathReading(memory.header, api),
      table: () => pathTable(memory.header, api),
      python: () => memory.header?.path.python ?? "",
      picture: () => (memory.header?.ids.length ? host : null),
    }),
  );
  host.append(head, line, branches, voice.node);
  setAttr(host, "data-testid", "path");
  earlier.addEventListener("click", () =>
    api.dialog(api.str("path.earlier_title"), (close) => earlierList(memory.header?.path.earlier ?? [], api, close)),
  );
  line.addEventListener("click", (event) => walk(event, api));
  branches.addEventListener("click", (event) => {
    const button = within(event, "button");
    if (button && memory.header)
      api.act({ kind: "jump", node: memory.header.path.branches[Number(button.dataset.at)].node });
  });
  return {
    update: (picture) => {
      memory.header = picture.header;
      drawPath({ line, branches, note, keep, earlier }, picture.header, api);
      announce(voice, memory, picture.header);
      setAttr(host, "data-ids", picture.header.ids.join(","));
    },
    light: () => {},
  };
}

/** @type {(event: Event, api: Page) => void} */
function walk(event, api) {
  const node = within(event, "button");
  if (!node || node.getAttribute("aria-disabled") === "true") return;
  if (node.dataset.index === "next") api.act({ kind: "step" });
  else api.act({ kind: "at", index: Number(node.dataset.index) });
}

/** @type {(parts: { line: HTMLElement, branches: HTMLElement, note: HTMLElement, keep: HTMLElement, earlier: HTMLElement }, header: NextTokenHeader, api: Page) => void} */
function drawPath({ line, branches, note, keep, earlier }, header, api) {
  const { path } = header;
  const made = slots(line, path.line.length + 2, makeNode);
  writeNode(made[0], {
    index: 0,
    label: api.str("path.prompt"),
    classes: path.at === 0 ? "node on start" : "node start",
    title: api.str("path.prompt_hint"),
  });
  path.line.forEach((token, i) => writeNode(made[i + 1], lineNode(token, i + 1, path.at, api)));
  const [word, hint] = whatFollows(path, api);
  const stuck = path.full || header.ids.length === 0;
  writeNode(made[path.line.length + 1], {
    index: "next",
    label: word,
    classes: "node end",
    title: hint,
    stuck,
  });
  requestAnimationFrame(() => keepInView(line, partsOf(line)[path.at]));
  drawBranches(branches, path.branches, api);
  setText(note, api.str("path.note", { seed: header.view.seed }));
  keep.hidden = path.at === 0 || Boolean(header.chat?.on); // a reply is no part of the message
  earlier.hidden = path.earlier.length === 0;
  setText(earlier, api.str("path.earlier", { count: path.earlier.length }));
}

/** @type {(token: PathToken, index: number, at: number, api: Page) => PathNode} */
function lineNode(token, index, at, api) {
  const how = api.str("path.how." + token.how);
  const hints = [
    how,
    token.p !== null && api.str("path.node_p", { p: fmtPercent(token.p) }),
    token.forks > 1 && api.str("path.node_forks", { forks: token.forks }),
  ];
  return {
    index,
    label: token.label,
    p: token.p,
    forks: token.forks > 1 ? token.forks : 0,
    title: hints.filter(Boolean).join(" · "),
    classes: ["node", index === at && "on", index > at && "ahead", token.how === "chosen" && "chosen"]
      .filter(Boolean)
      .join(" "),
  };
}

/** @type {() => HTMLButtonElement} */
function makeNode() {
  const fork = svg(
    "svg",
    { viewBox: "0 0 16 16", class: "icon fork", "aria-hidden": "true" },
    svg("path", { d: "M3 14V8l5-2V2M13 14V8L8 6" }),
  );
  return el(
    "button",
    { type: "button" },
    el("span", { class: "l" }),
    el("span", { class: "p mono" }),
    el("span", { class: "f mono" }, fork, el("span")),
  );
}

/** @type {(node: Element, shown: PathNode) => void} */
function writeNode(node, { index, label, p, forks, classes, title, stuck }) {
  setAttr(node, "data-index", index);
  setAttr(node, "class", classes);
  setAttr(node, "title", title);
  setAttr(node, "aria-disabled", stuck ? "true" : null);
  setAttr(node, "aria-current", classes.split(" ").includes("on") ? "step" : null);
  const [word, share, fork] = partsOf(node);
  setText(word, label);
  setText(share, typeof p === "number" ? fmtPercent(p) : "");
  fork.hidden = !forks;
  setText(partsOf(fork)[1], forks || "");
}

// Scrolls the line itself, never the page.
/** @type {(line: HTMLElement, node: HTMLElement | undefined) => void} */
function keepInView(line, node) {
  if (!node || line.scrollWidth <= line.clientWidth) return;
  const left = node.offsetLeft - line.offsetLeft;
  const right = left + node.offsetWidth + 60;
  if (left < line.scrollLeft) line.scrollLeft = Math.max(0, left - 60);
  else if (right > line.scrollLeft + line.clientWidth) line.scrollLeft = right - line.clientWidth;
}

/** @type {(host: HTMLElement, branches: PathBranch[], api: Page) => void} */
function drawBranches(host, branches, api) {
  const shown = branches.length > 1 ? branches : [];
  host.hidden = shown.length === 0;
  const made = slots(host, shown.length ? shown.length + 1 : 0, (i) =>
    i === 0
      ? el("span", { class: "name", text: api.str("path.branches") })
      : el(
          "button",
          { type: "button", class: "branch", "data-testid": "branch", "data-at": i - 1 },
          el("span", { class: "text" }),
        ),
  );
  shown.forEach((branch, i) => {
    const button = made[i + 1];
    setClass(button, "on", branch.active);
    setAttr(button, "aria-pressed", String(branch.active));
    setAttr(button, "title", branch.text + " (" + api.str("path.branch_length", { length: branch.length }) + ")");
    setText(button.children[0], branch.text);
  });
}

/** @type {(earlier: PathView["earlier"], api: Page, close: () => void) => HTMLElement} */
function earlierList(earlier, api, close) {
  return el(
    "ul",
    { class: "earlier" },
    earlier.map(({ text, count }, index) => {
      const choose = () => {
        api.act({ kind: "earlier", index });
        close();
      };
      return el(
        "li",
        {},
        el(
          "button",
          { type: "button", onclick: choose },
          el("span", { class: "text", text }),
          el("small", { text: api.str("path.earlier_count", { count }) }),
        ),
      );
    }),
  );
}

/** @type {(voice: Voice, memory: { at: number | null }, header: NextTokenHeader) => void} */
function announce(voice, memory, header) {
  const { at, line } = header.path;
  voice.say(memory.at !== null && at > memory.at ? (line[at - 1]?.label ?? null) : null);
  memory.at = at;
}

/** @type {(header: NextTokenHeader | null, api: Page) => string} */
function pathReading(header, api) {
  if (!header || header.path.at === 0) return api.str("path.reading_none");
  const walked = header.path.line.slice(0, header.path.at);
  return api.str("path.reading", { count: walked.length, text: walked.map((token) => token.label).join("") });
}

/** @type {(header: NextTokenHeader | null, api: Page) => Table} */
function pathTable(header, api) {
  const columns = ["step", "token", "probability", "how_name", "forks"].map((name) => api.str("path.table." + name));
  /** @type {PathToken[]} */
  const line = header?.path.line || [];
  const rows = line.map((token, i) => [i + 1, token.label, token.p, api.str("path.how." + token.how), token.forks]);
  return { columns, rows };
}
