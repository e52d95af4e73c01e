// What every page's component does alike: take in pictures, build once per language, draw each picture into what was built,
// read the theme, speak the page's language, and carry the browser's answers (see protocol.js).

import { el, fillIn, setAttr, setClass } from "../kit/dom.js";
import { copyText, createMenu } from "../kit/menu.js";
import { applyTheme, readTheme } from "../kit/theme.js";
import { createClient, unpack } from "./protocol.js";
import { stringsOf } from "./strings.js";
import { whenStyled } from "./styles.js";

const PAGES = new WeakMap();
const THEME_SOURCES = ["--st-background-color", "--st-text-color", "--st-font", "--st-code-font"];

// Gives the component's entry point. `build(grid, api)` makes the parts in one language and gives
// { update(picture), setText?(text), drawn?(picture), stop?() }; picture = { header, blob(name), theme }.
// Streamlit calls the entry point for each picture and each change of its theme, with the same root until the page is left.
export function servePage(build) {
  return ({ parentElement, data, setStateValue }) => {
    const root = parentElement.querySelector(".gv");
    if (!PAGES.has(root)) PAGES.set(root, createPage(root, build, parentElement));
    const page = PAGES.get(root);
    page.send = (message) => setStateValue("client", message);
    page.sent = data;
    if (page.styled) receiveData(page, data);
    return () => {
      stopPage(page);
      PAGES.delete(root);
    };
  };
}

function createPage(root, build, parent) {
  const page = {
    root,
    build,
    sent: null,
    styled: false,
    stopped: false,
    picture: null,
    data: null,
    themeKey: "",
    strings: {},
    stringsId: "",
    lang: null,
    parts: null,
    menu: null,
    observers: [],
    frame: 0,
    send: null,
  };
  page.client = createClient((message) => {
    root.dataset.waiting = "";
    page.send({ ...message, strings: page.stringsId });
  });
  page.api = pageApi(page);
  whenStyled(parent).then(() => {
    page.styled = true;
    if (!page.stopped) receiveData(page, page.sent);
  });
  return page;
}

// What the parts of a page may ask for. `setView` changes controls (drawn at once, sent soon), `act` queues an action.
function pageApi(page) {
  const { client } = page;
  return {
    root: page.root,
    setView: (patch) => {
      client.setView(patch);
      noteWaiting(page);
      if (!page.frame) page.frame = requestAnimationFrame(() => drawPage(page));
    },
    act: (action) => client.act(action),
    view: () => client.view(),
    setText: (text) => {
      client.setText(text);
      noteWaiting(page);
    },
    flush: client.flush,
    text: () => client.text(),
    pending: (kind) => client.pending(kind),
    picture: () => page.picture,
    str: (key, values) => fillIn(page.strings[key] ?? key, values),
    has: (key) => key in page.strings,
    menu: (host, spec) => page.menu.button(host, spec),
    dialog: (title, body) => page.menu.open(title, body),
    redraw: () => drawPage(page),
    onResize: (node, then) => watchSize(page, node, then),
    copyLink: (near) => copyLinkOf(page, near),
  };
}

// Whether what is drawn is of an earlier wish, for whoever watches from outside.
function noteWaiting(page) {
  setAttr(page.root, "data-waiting", page.client.waiting());
}

function receiveData(page, data) {
  const key = themeKeyOf(page.root);
  if (data === page.data && page.themeKey === key) return;
  const picture = unpack(data);
  const { header } = picture;
  const strings = stringsOf(header);
  if (!strings) return askForStrings(page, header);
  page.data = data;
  page.strings = strings;
  page.stringsId = header.strings_id;
  page.themeKey = key;
  setClass(page.root, "projector", header.projector);
  picture.theme = readTheme(page.root);
  applyTheme(page.root, picture.theme);
  if (header.lang !== page.lang) buildPage(page, header.lang);
  page.picture = picture;
  const text = page.client.receive(header);
  if (text !== null && page.parts.setText) page.parts.setText(text);
  drawPage(page);
  page.root.dataset.drawn = header.echo;
  noteWaiting(page);
  if (page.parts.drawn) page.parts.drawn(picture);
}

// Python took them to be here, where an earlier life of this component had them: it is told otherwise.
function askForStrings(page, header) {
  page.client.receive(header);
  page.stringsId = "";
  page.client.flush();
}

// What the theme is read from, to see whether a call with the picture already drawn has to draw it again.
function themeKeyOf(root) {
  const style = getComputedStyle(root);
  return THEME_SOURCES.map((name) => style.getPropertyValue(name)).join("|");
}

// Made at first sight and again in another language; the text in the box outlives that.
function buildPage(page, lang) {
  stopParts(page);
  page.lang = lang;
  page.root.setAttribute("lang", lang);
  const grid = el("div", { class: "grid" });
  page.root.replaceChildren(grid);
  page.menu = createMenu(page.root, page.api.str);
  page.parts = page.build(grid, page.api);
  if (page.parts.setText) page.parts.setText(page.client.text());
}

function drawPage(page) {
  cancelAnimationFrame(page.frame);
  page.frame = 0;
  if (page.picture && page.parts) page.parts.update(page.picture);
}

// Calls then({ width, height }) at first and whenever the size of `node` changes, until the parts are made anew or the page is left.
function watchSize(page, node, then) {
  const observer = new ResizeObserver(([entry]) => then(entry.contentRect));
  observer.observe(node);
  page.observers.push(observer);
}

function stopParts(page) {
  for (const observer of page.observers.splice(0)) observer.disconnect();
  if (page.parts?.stop) page.parts.stop();
}

function stopPage(page) {
  page.stopped = true;
  cancelAnimationFrame(page.frame);
  stopParts(page);
  page.client.stop();
}

function copyLinkOf(page, near) {
  const { origin, pathname } = window.location;
  const { link } = page.picture.header;
  return copyText(origin + pathname + (link ? "?" + link : ""), near);
}

// Draws one panel; one panel's trouble leaves the others drawn.
export function drawPanel(panel, ...args) {
  try {
    panel.update(...args);
  } catch (error) {
    console.error(error);
  }
}
