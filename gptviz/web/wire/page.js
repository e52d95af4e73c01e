// What every page's component does alike: take in pictures, build once per language, draw each picture into what was built,
// read the theme, speak the page's language, and carry the browser's answers (see protocol.js).

import { createAnnouncer } from "../kit/announce.js";
import { el, fillIn, setAttr, setClass } from "../kit/dom.js";
import { watchEdges } from "../kit/edges.js";
import { createGlossary } from "../kit/glossary.js";
import { copyText, createMenu } from "../kit/menu.js";
import { createRail } from "../kit/rail.js";
import { applyTheme, readTheme } from "../kit/theme.js";
import { createAddress } from "./address.js";
import { arraysOf } from "./arrays.js";
import { inflate, isDeflated } from "./inflate.js";
import { createClient, unpack } from "./protocol.js";
import { stringsOf } from "./strings.js";
import { whenStyled } from "./styles.js";

/** @import { Answer, Api, Build, Client, Header, Menu, Mount, Parts, Picture, Size, Strings, Traits } from "../types.d.ts" */
/** @import { Glossary } from "../kit/glossary.js" */
/** @import { Announcer } from "../kit/announce.js" */
/** @import { Rail } from "../kit/rail.js" */
/** @import { Address } from "./address.js" */
/**
 * @typedef {object} Page
 * @property {HTMLElement} root
 * @property {Build} build
 * @property {Client} client
 * @property {Address} address
 * @property {Announcer} voice
 * @property {Rail} rail beside it, while a lesson is open
 * @property {ReturnType<typeof watchEdges>} edges of boxes that show a part of what lies in them
 * @property {(header: Header) => string} spoken what a picture says aloud
 * @property {Api} api
 * @property {Uint8Array} sent what came last
 * @property {Uint8Array | null} data what was drawn last
 * @property {boolean} styled
 * @property {boolean} stopped
 * @property {Picture | null} picture
 * @property {string} themeKey
 * @property {Strings} strings
 * @property {string} stringsId
 * @property {string} arraysId the picture whose arrays are here, newest
 * @property {string | null} lang
 * @property {Parts | null} parts
 * @property {Menu} menu made with the parts
 * @property {Glossary | null} glossary made with them too
 * @property {ResizeObserver[]} observers
 * @property {number} frame
 * @property {(answer: Answer & { strings: string; arrays: string }) => void} send
 */

/** @type {WeakMap<HTMLElement, Page>} */
const PAGES = new WeakMap();
// Before the first picture there is nothing to bound.
const UNBOUNDED = { chars: Infinity, kept_chars: 0, queue: Infinity, piece: Infinity, file: Infinity };
const THEME_SOURCES = ["--st-background-color", "--st-text-color", "--st-font", "--st-code-font"];

// Gives the component's entry point. `build(grid, api)` makes the parts in one language and gives
// { update(picture), setText?(text), drawn?(picture), stop?() }; picture = { header, blob(name), theme }. `traits` says what is the
// page's own in the conversation: controls that follow (see protocol.js), parts of its link that are of one text (see address.js).
// Streamlit calls the entry point for each picture and each change of its theme, with the same root until the page is left.
/** @type {<H extends Header>(build: Build<H>, traits?: Traits<H>) => (mount: Mount) => () => void} */
export function servePage(build, traits = {}) {
  return ({ parentElement, data, setStateValue }) => {
    const root = /** @type {HTMLElement} */ (parentElement.querySelector(".gv"));
    // what Python sends is what the page says of its header
    const built = /** @type {Build} */ (/** @type {unknown} */ (build));
    const page = PAGES.get(root) ?? createPage(root, built, /** @type {Traits} */ (traits), parentElement);
    PAGES.set(root, page);
    page.send = (answer) => setStateValue("client", answer);
    page.sent = data;
    if (page.styled) receiveData(page, data);
    return () => stopWhenLeft(root, page);
  };
}

// Streamlit also takes leave of a root that it goes on with, when pictures come in quick succession: what is built there,
// and who types in it, stays. A root that is left has gone from the document soon after.
/** @type {(root: HTMLElement, page: Page) => void} */
function stopWhenLeft(root, page) {
  const stop = () => {
    if (root.isConnected || page.stopped) return;
    stopPage(page);
    PAGES.delete(root);
  };
  setTimeout(stop, 0);
  setTimeout(stop, 500);
}

/** @type {(root: HTMLElement, build: Build, traits: Traits, parent: ParentNode) => Page} */
function createPage(root, build, traits, parent) {
  /** @type {Partial<Page>} */
  const begun = {
    root,
    build,
    styled: false,
    stopped: false,
    picture: null,
    data: null,
    themeKey: "",
    strings: {},
    stringsId: "",
    arraysId: "",
    lang: null,
    parts: null,
    glossary: null,
    observers: [],
    frame: 0,
  };
  const page = /** @type {Page} */ (begun); // the rest is filled in before anybody asks for it
  /** @param {Answer} message */
  const send = (message) => {
    root.dataset.waiting = "";
    page.send({ ...message, strings: page.stringsId, arrays: page.arraysId });
  };
  page.client = createClient(send, globalThis, traits.follows);
  const { text, pending, act } = page.client;
  page.address = createAddress({ root, ofText: traits.ofText ?? [], text, pending, act });
  page.voice = createAnnouncer();
  page.rail = createRail(root, (action) => act(action));
  page.edges = watchEdges(root);
  page.spoken = traits.spoken ?? (() => "");
  page.api = pageApi(page);
  whenStyled(parent).then(() => {
    page.styled = true;
    if (!page.stopped) receiveData(page, page.sent);
  });
  return page;
}

// What the parts of a page may ask for. `setView` changes controls (drawn at once, sent soon), `act` queues an action.
/** @type {(page: Page) => Api} */
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
    setBeyond: client.setBeyond,
    bounds: () => page.picture?.header.bounds ?? UNBOUNDED,
    flush: client.flush,
    text: () => client.text(),
    pending: (kind) => client.pending(kind),
    picture: () => page.picture,
    str: (key, values) => fillIn(page.strings[key] ?? key, values),
    has: (key) => key in page.strings,
    menu: (spec) => page.menu.button(spec),
    dialog: (title, body) => page.menu.open(title, body),
    redraw: () => drawPage(page),
    onResize: (node, then) => watchSize(page, node, then),
    copyLink: (near) => copyLinkOf(page, near),
  };
}

// Whether what is drawn is of an earlier wish, for whoever watches from outside.
/** @type {(page: Page) => void} */
function noteWaiting(page) {
  setAttr(page.root, "data-waiting", page.client.waiting());
}

/** @type {(page: Page, data: Uint8Array) => void} */
function receiveData(page, data) {
  const key = themeKeyOf(page.root);
  if (data === page.data && page.themeKey === key) return;
  if (!isDeflated(data)) return takePicture(page, data, data);
  inflate(data).then((plain) => {
    if (data === page.sent && !page.stopped) takePicture(page, data, plain); // else a newer one is on its way
  });
}

/** @type {(page: Page, data: Uint8Array, plain: Uint8Array) => void} */
function takePicture(page, data, plain) {
  const message = unpack(plain);
  const { header } = message;
  const strings = stringsOf(header);
  const arrays = arraysOf(message);
  if (!strings || !arrays) return askForAll(page, header);
  page.data = data;
  page.strings = strings;
  page.stringsId = header.strings_id;
  page.arraysId = header.arrays_id || page.arraysId;
  page.themeKey = themeKeyOf(page.root);
  setClass(page.root, "projector", header.projector);
  const picture = {
    header,
    blob: (/** @type {string} */ name) => arrays.get(name) ?? null,
    theme: readTheme(page.root),
  };
  applyTheme(page.root, picture.theme);
  if (header.lang !== page.lang) buildPage(page, header.lang);
  page.picture = picture;
  receiveHeader(page, header);
  drawPage(page);
  page.root.dataset.drawn = String(header.echo);
  noteWaiting(page);
  page.rail.follow(header.lesson);
  page.parts?.drawn?.(picture);
  page.address.follow(header);
  page.voice.follow(page.spoken(header));
}

/** @type {(page: Page, header: Header) => void} */
function receiveHeader(page, header) {
  const text = page.client.receive(header);
  if (text !== null) page.parts?.setText?.(text);
  page.address.begin(header);
}

// Python took them to be here, where an earlier life of this component had them: it is told otherwise.
/** @type {(page: Page, header: Header) => void} */
function askForAll(page, header) {
  receiveHeader(page, header);
  page.stringsId = "";
  page.arraysId = "";
  page.client.flush();
}

// What the theme is read from, to see whether a call with the picture already drawn has to draw it again.
/** @type {(root: HTMLElement) => string} */
function themeKeyOf(root) {
  const style = getComputedStyle(root);
  return THEME_SOURCES.map((name) => style.getPropertyValue(name)).join("|");
}

// Made at first sight and again in another language; the text in the box outlives that.
/** @type {(page: Page, lang: string) => void} */
function buildPage(page, lang) {
  stopParts(page);
  page.lang = lang;
  page.root.setAttribute("lang", lang);
  document.documentElement.lang = lang; // the toolbar around this component is written in it too
  const grid = el("div", { class: "grid" });
  page.root.replaceChildren(grid, page.rail.node, page.voice.node);
  page.menu = createMenu(page.root, { str: page.api.str, link: page.api.copyLink });
  page.glossary = createGlossary(page.root, { strings: page.strings, str: page.api.str, open: page.menu.open });
  page.parts = page.build(grid, page.api);
  page.parts.setText?.(page.client.text());
  watchSize(page, page.root, () => {
    rescale(page);
    page.edges.check();
  });
}

// In projector mode type grows with the window, and what JavaScript draws or measures goes by it.
/** @type {(page: Page) => void} */
function rescale(page) {
  const { picture } = page;
  if (!picture) return;
  const theme = readTheme(page.root);
  if (theme.type === picture.theme.type && theme.big === picture.theme.big) return;
  page.picture = { ...picture, theme };
  drawPage(page);
}

/** @type {(page: Page) => void} */
function drawPage(page) {
  cancelAnimationFrame(page.frame);
  page.frame = 0;
  if (page.picture && page.parts) page.parts.update(page.picture);
  page.glossary?.mark();
  page.edges.check();
}

// Calls then({ width, height }) at first and whenever the size of `node` changes, until the parts are made anew or the page is left.
/** @type {(page: Page, node: Element, then: (size: Size) => void) => void} */
function watchSize(page, node, then) {
  const observer = new ResizeObserver(([entry]) => then(entry.contentRect));
  observer.observe(node);
  page.observers.push(observer);
}

/** @type {(page: Page) => void} */
function stopParts(page) {
  for (const observer of page.observers.splice(0)) observer.disconnect();
  page.parts?.stop?.();
  page.glossary?.stop();
}

/** @type {(page: Page) => void} */
function stopPage(page) {
  page.stopped = true;
  cancelAnimationFrame(page.frame);
  stopParts(page);
  page.client.stop();
  page.address.stop();
  page.voice.stop();
  page.edges.stop();
}

/** @type {(page: Page, near: HTMLElement) => Promise<boolean>} */
function copyLinkOf(page, near) {
  const { origin, pathname } = window.location;
  const link = page.picture?.header.link;
  return copyText(origin + pathname + (link ? "?" + link : ""), near);
}

// Draws one panel; one panel's trouble leaves the others drawn.
/** @type {<A extends unknown[]>(panel: { update: (...args: A) => void }, ...args: A) => void} */
export function drawPanel(panel, ...args) {
  try {
    panel.update(...args);
  } catch (error) {
    console.error(error);
  }
}
