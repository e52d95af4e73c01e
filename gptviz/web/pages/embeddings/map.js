// The map of the vocabulary: moved by dragging or the arrows, zoomed by the wheel, + and −; a point that is pressed is looked at.

import { el, fmtNumber, fmtPercent, numbersOf, setAttr, setStyle, setText, slots } from "../../kit/dom.js";
import { createHead, spacer } from "../../kit/panel.js";
import { paintedPicture } from "../../kit/pen.js";
import { fitCanvas } from "../../kit/theme.js";
import { idOf, paintLit, paintPoints, pointAt, scriptColour, wholeView } from "./points.js";

/** @import { Camera, MapScene, Page, Panel, Points, Shown } from "./types.d.ts" */
/** @import { Atlas } from "./message.d.ts" */
/** @import { Picture } from "../../kit/picture.js" */
/** @import { Table } from "../../types.d.ts" */

const NEAR = "neighbours"; // the map of near tokens, as the control says it
const ZOOM = 1.3;
const MOST_ZOOM = 400; // times the whole
const STEP = 0.15; // of the width, by an arrow

/**
 * @typedef {object} State
 * @property {Shown | null} picture
 * @property {Points | null} points
 * @property {string} key what the points and the painted ground are of
 * @property {Camera | null} camera null: the whole
 * @property {number} script the only one shown; −1: all
 * @property {number} hover
 */

/** @type {(host: HTMLElement, api: Page) => Panel} */
export function createMap(host, api) {
  /** @type {State} */
  const state = { picture: null, points: null, key: "", camera: null, script: -1, hover: -1 };
  const canvas = el("canvas", { class: "map-canvas", tabindex: "0", "data-testid": "map", role: "img" });
  const box = el("div", { class: "map-box" }, canvas);
  const told = el("p", { class: "map-told mono", "data-testid": "map-told" });
  const legend = el("div", { class: "map-legend" });
  const small = el("small", { class: "map-count", "data-testid": "map-small" });
  const draw = () => paint(canvas, box, state, api);
  const tools = mapTools(api, state, draw);
  const more = api.menu({
    title: api.str("embeddings.map"),
    reading: () => state.picture?.header.atlas?.reading ?? api.str("empty.hint"),
    python: () => state.picture?.header.atlas?.python ?? "",
    table: () => mapTable(state.picture?.header.atlas ?? null, api),
    picture: () => savedMap(state, box, api),
  });
  host.append(
    createHead(api.str("embeddings.map"), spacer(), ...tools.nodes, more),
    box,
    legend,
    el("div", { class: "map-foot" }, told, small),
  );
  listen(canvas, { state, api, draw, told });
  api.onResize(box, draw);

  /** @param {Shown} picture */
  function update(picture) {
    state.picture = picture;
    const { atlas } = picture.header;
    readPoints(picture, state);
    tools.update(atlas);
    setAttr(canvas, "aria-label", atlas?.reading ?? api.str("empty.hint"));
    setAttr(canvas, "data-done", String(Boolean(state.points)));
    setText(small, atlas ? headOf(atlas, api) : "");
    drawLegend(legend, state, api, draw);
    if (!atlas) setText(told, api.str("empty.hint"));
    else if (!state.points) setText(told, atlas.reading);
    else if (state.hover < 0) setText(told, api.str("embeddings.map_hint"));
    draw();
  }
  return { update };
}

// The points, read once: a name of what they are of says whether they are still those.
/** @type {(picture: Shown, state: State) => void} */
function readPoints(picture, state) {
  const places = picture.blob("map.places");
  const { atlas } = picture.header;
  if (!places || !atlas) {
    Object.assign(state, { points: null, key: "", camera: null, hover: -1 });
    return;
  }
  const key = [atlas.map, atlas.axes, atlas.n_tokens, places.length, places[0], places[places.length - 1]].join(" ");
  if (state.key === key) return;
  const names = /** @type {Uint8Array} */ (picture.blob("map.names"));
  Object.assign(state, {
    key,
    camera: null,
    hover: -1,
    points: {
      places,
      scripts: numbersOf(picture, "map.scripts"),
      ids: picture.blob("map.ids"),
      names: new TextDecoder().decode(names).split("\n"),
      nTokens: atlas.n_tokens,
    },
  });
}

/** @type {(state: State, box: HTMLElement, api: Page) => MapScene | null} */
function sceneOf(state, box, api) {
  const { picture, points, script, hover } = state;
  const { clientWidth: width, clientHeight: height } = box;
  if (!picture?.header.atlas || !points || !width || !height) return null;
  const camera = state.camera ?? wholeView(points, width, height);
  const { lit } = picture.header.atlas;
  const colour = String(api.view().colour);
  return { points, lit, colour, script, camera, theme: picture.theme, width, height, hover };
}

const GROUND = new WeakMap(); // canvas → the ground painted for it, and of what

/** @type {(canvas: HTMLCanvasElement, box: HTMLElement, state: State, api: Page) => void} */
function paint(canvas, box, state, api) {
  const scene = sceneOf(state, box, api);
  const context = fitCanvas(canvas, box.clientWidth, box.clientHeight);
  if (!scene) return;
  const { camera, colour, script, theme, width, height } = scene;
  const key = [state.key, camera.x, camera.y, camera.scale, colour, script, theme.dark, width, height].join(" ");
  let ground = GROUND.get(canvas);
  if (ground?.key !== key) {
    const image = document.createElement("canvas");
    paintPoints(fitCanvas(image, width, height), scene);
    ground = { key, image };
    GROUND.set(canvas, ground);
  }
  setStyle(canvas, "touch-action", state.camera ? "none" : "pan-y"); // the whole is seen: a finger moves the page
  context.drawImage(ground.image, 0, 0, width, height);
  paintLit(context, scene);
}

/** @type {(state: State, box: HTMLElement, api: Page) => Picture | null} */
function savedMap(state, box, api) {
  const scene = sceneOf(state, box, api);
  if (!scene) return null;
  return paintedPicture(scene.width, scene.height, scene.theme.panel, (context) => {
    paintPoints(context, scene);
    paintLit(context, { ...scene, hover: -1 });
  });
}

/** @type {(canvas: HTMLCanvasElement, parts: { state: State, api: Page, draw: () => void, told: HTMLElement }) => void} */
function listen(canvas, { state, api, draw, told }) {
  const box = /** @type {HTMLElement} */ (canvas.parentElement);
  /** @type {{ x: number, y: number, moved: boolean } | null} */
  let held = null;
  /** @param {number} x @param {number} y */
  const point = (x, y) => {
    const scene = sceneOf(state, box, api);
    const found = scene ? pointAt(scene, x, y) : -1;
    if (found === state.hover) return;
    state.hover = found;
    const { points } = state;
    setText(told, points && found >= 0 ? nameOf(points, found, api) : api.str("embeddings.map_hint"));
    draw();
  };
  canvas.addEventListener("pointerdown", (event) => {
    held = { x: event.offsetX, y: event.offsetY, moved: false };
    canvas.setPointerCapture(event.pointerId);
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!held) return point(event.offsetX, event.offsetY);
    const [across, down] = [event.offsetX - held.x, event.offsetY - held.y];
    if (!held.moved && Math.hypot(across, down) < 4) return;
    move(state, box, api, -across, down);
    held = { x: event.offsetX, y: event.offsetY, moved: true };
    draw();
  });
  canvas.addEventListener("pointerup", (event) => {
    const scene = sceneOf(state, box, api);
    if (held && !held.moved && scene) {
      const found = pointAt(scene, event.offsetX, event.offsetY);
      if (found >= 0) api.setView({ token: idOf(scene.points, found) });
    }
    held = null;
  });
  canvas.addEventListener("pointerleave", () => point(-1e6, -1e6));
  canvas.addEventListener(
    "wheel",
    (event) => {
      const root = /** @type {ShadowRoot} */ (canvas.getRootNode());
      if (!event.ctrlKey && root.activeElement !== canvas) return; // nobody has pressed the map: the page scrolls
      event.preventDefault();
      zoom(state, box, api, event.deltaY < 0 ? ZOOM : 1 / ZOOM, [event.offsetX, event.offsetY]);
      draw();
    },
    { passive: false },
  );
  canvas.addEventListener("keydown", (event) => {
    const step = STEP * box.clientWidth;
    const by = { ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, step], ArrowDown: [0, -step] }[event.key];
    if (by) move(state, box, api, by[0], by[1]);
    else if (event.key === "+" || event.key === "=") zoom(state, box, api, ZOOM);
    else if (event.key === "-") zoom(state, box, api, 1 / ZOOM);
    else if (event.key === "0") state.camera = null;
    else return;
    event.preventDefault();
    event.stopPropagation();
    draw();
  });
}

/** @type {(state: State, box: HTMLElement, api: Page, across: number, up: number) => void} */
function move(state, box, api, across, up) {
  const scene = sceneOf(state, box, api);
  if (!scene) return;
  const { x, y, scale } = scene.camera;
  state.camera = { x: x + across / scale, y: y + up / scale, scale };
}

// Closer or further, about a place on the screen (by default its middle).
/** @type {(state: State, box: HTMLElement, api: Page, by: number, at?: number[]) => void} */
function zoom(state, box, api, by, at = [box.clientWidth / 2, box.clientHeight / 2]) {
  const scene = sceneOf(state, box, api);
  if (!scene) return;
  const { camera, width, height, points } = scene;
  const whole = wholeView(points, width, height).scale;
  const scale = Math.min(whole * MOST_ZOOM, camera.scale * by);
  if (scale <= whole * 1.001) {
    state.camera = null;
    return;
  }
  const [x, y] = [camera.x + (at[0] - width / 2) / camera.scale, camera.y - (at[1] - height / 2) / camera.scale];
  state.camera = { x: x - (at[0] - width / 2) / scale, y: y + (at[1] - height / 2) / scale, scale };
}

/** @type {(points: Points, i: number, api: Page) => string} */
function nameOf(points, i, api) {
  const script = api.str("tokens.script." + (api.picture()?.header.atlas?.scripts[points.scripts[i]] ?? "other"));
  return api.str("embeddings.point", { label: points.names[i], id: fmtNumber(idOf(points, i)), script });
}

// Colour, the two components, and the zoom.
/** @type {(api: Page, state: State, draw: () => void) => { nodes: HTMLElement[], update: (atlas: Atlas | null) => void }} */
function mapTools(api, state, draw) {
  const colour = el("select", { "data-testid": "colour", "aria-label": api.str("embeddings.colour") });
  for (const name of ["script", "id"])
    colour.append(el("option", { value: name, text: api.str("embeddings.by_" + name) }));
  colour.addEventListener("change", () => api.setView({ colour: colour.value }));
  const axes = /** @type {const} */ (["x", "y"]).map((name) => {
    const node = el("select", { "data-testid": "axis-" + name, "aria-label": api.str("embeddings.axis_" + name) });
    node.addEventListener("change", () =>
      api.setView(node.value === NEAR ? { map: NEAR } : { map: "components", [name]: Number(node.value) }),
    );
    return node;
  });
  /** @type {(name: string, text: string, act: (box: HTMLElement) => void) => HTMLElement} */
  const press = (name, text, act) =>
    el("button", {
      type: "button",
      class: "btn map-zoom",
      "data-testid": name,
      "aria-label": api.str("embeddings." + name),
      title: api.str("embeddings." + name),
      text,
      onclick: (/** @type {MouseEvent} */ event) => {
        const box = /** @type {HTMLElement} */ (event.currentTarget).closest(".card")?.querySelector(".map-box");
        if (box instanceof HTMLElement) act(box);
        draw();
      },
    });
  const zooms = [
    press("zoom_in", "+", (box) => zoom(state, box, api, ZOOM * ZOOM)),
    press("zoom_out", "−", (box) => zoom(state, box, api, 1 / ZOOM / ZOOM)),
    press("zoom_all", "⤢", () => (state.camera = null)),
  ];
  return {
    nodes: [colour, ...axes, ...zooms],
    update: (atlas) => {
      if (colour.value !== api.view().colour) colour.value = String(api.view().colour);
      const shares = atlas?.shares ?? [];
      const near = api.view().map === NEAR;
      setAttr(axes[1], "hidden", near);
      axes.forEach((node, i) => {
        const more = i === 0 ? 1 : 0; // the other map stands after the components across
        const made = slots(node, Math.max(1, shares.length) + more, () => el("option", {}));
        shares.forEach((share, place) => setText(made[place], `${place + 1} · ${fmtPercent(share, 1)}`));
        for (let place = 0; place < made.length; place += 1)
          setAttr(made[place], "value", more && place === made.length - 1 ? NEAR : String(place));
        if (more) setText(made[made.length - 1], api.str("embeddings.map_near"));
        const wanted = more && near ? NEAR : String(atlas?.axes[i] ?? i);
        if (node.value !== wanted) node.value = wanted;
      });
    },
  };
}

// What the colours stand for; a kind that is pressed is shown alone.
/** @type {(host: HTMLElement, state: State, api: Page, draw: () => void) => void} */
function drawLegend(host, state, api, draw) {
  const { picture, points } = state;
  const byId = api.view().colour === "id"; // then a kind has no colour of its own
  const scripts = points && picture?.header.atlas ? picture.header.atlas.scripts : [];
  const made = slots(host, scripts.length, (i) =>
    el(
      "button",
      {
        type: "button",
        class: "map-key",
        "data-testid": "script",
        onclick: () => {
          state.script = state.script === i ? -1 : i;
          drawLegend(host, state, api, draw);
          draw();
        },
      },
      el("i"),
      el("span"),
    ),
  );
  scripts.forEach((name, i) => {
    const dot = /** @type {HTMLElement} */ (made[i].children[0]);
    if (picture) dot.style.background = byId ? picture.theme.mute : scriptColour(picture.theme, i);
    setText(made[i].children[1], api.str("tokens.script." + name));
    setAttr(made[i], "aria-pressed", String(state.script === i));
  });
}

/** @type {(atlas: Atlas, api: Page) => string} */
function headOf({ drawn, n_tokens, done, waiting }, api) {
  if (waiting) return api.str("embeddings.laying_out");
  if (done < 1) return api.str("embeddings.making", { done: fmtPercent(done, 0) });
  return api.str("embeddings.points", { drawn: fmtNumber(drawn), count: fmtNumber(n_tokens) });
}

/** @type {(atlas: Atlas | null, api: Page) => Table} */
function mapTable(atlas, api) {
  const columns = ["id", "token", "script", "kind", "x", "y"].map((name) => api.str("embeddings.column." + name));
  const rows = (atlas?.lit ?? []).map((one) => [
    one.id,
    one.label,
    api.str("tokens.script." + one.script),
    api.str("embeddings.lit." + one.kind),
    one.x,
    one.y,
  ]);
  return { columns, rows };
}
