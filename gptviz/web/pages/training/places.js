// How alike two positions are to the model, every two of them as a square of colour; what is said of it depends on whether it is learnt.

import { el, fmtNumber, numbersOf, setAttr, setText } from "../../kit/dom.js";
import { createHead, spacer } from "../../kit/panel.js";
import { fitCanvas, signedWord } from "../../kit/theme.js";

/** @import { Places } from "./message.d.ts" */
/** @import { Page, Panel, Shown } from "./types.d.ts" */

/** @type {(host: HTMLElement, api: Page) => Panel} */
export function createPlaces(host, api) {
  /** @type {{ picture: Shown | null }} */
  const state = { picture: null };
  const small = el("small", {});
  const menu = api.menu({
    title: () => api.str("live.positions"),
    reading: () => state.picture?.header.places?.reading ?? "",
    python: () => state.picture?.header.places?.python,
    table: () => {
      const { places = [] } = state.picture?.header.places ?? {};
      const alike = state.picture ? numbersOf(state.picture, "alike") : new Float32Array(0);
      const n = places.length;
      return {
        columns: [api.str("live.column.position"), ...places.map(String)],
        rows: places.map((place, i) => [place, ...alike.subarray(i * n, i * n + n)]),
      };
    },
    picture: () => (state.picture?.header.places ? canvas : null),
  });
  const canvas = el("canvas", { class: "alike", role: "img", "data-testid": "alike" });
  const box = el("div", { class: "alike-box" }, canvas);
  const pointed = el("p", { class: "hint mono", "aria-hidden": "true" });
  const said = el("p", { class: "hint", "data-testid": "places-said" });
  setAttr(host, "hidden", true);
  host.append(createHead(api.str("live.positions"), small, spacer(), menu), box, pointed, said);
  const draw = () => state.picture && paint(canvas, box, state.picture);
  api.onResize(box, draw);
  canvas.addEventListener("pointermove", (event) =>
    setText(pointed, state.picture && under(state.picture, event, api)),
  );
  canvas.addEventListener("pointerleave", () => setText(pointed, ""));
  return {
    /** @param {Shown} picture */
    update: (picture) => {
      state.picture = picture;
      const { places } = picture.header;
      setAttr(host, "hidden", !places);
      if (!places) return;
      setText(small, places.scheme === "learned" ? api.str("training.at_step", { step: fmtNumber(places.step) }) : "");
      setText(said, places.reading);
      setAttr(canvas, "aria-label", places.reading);
      draw();
    },
  };
}

/** @type {(canvas: HTMLCanvasElement, box: HTMLElement, picture: Shown) => void} */
function paint(canvas, box, picture) {
  const { places } = picture.header;
  const side = Math.floor(Math.min(box.clientWidth, box.clientHeight));
  if (!places || side < 8) return;
  const values = numbersOf(picture, "alike");
  const image = new ImageData(places.places.length, places.places.length);
  const words = new Uint32Array(image.data.buffer);
  for (let i = 0; i < words.length; i += 1) words[i] = signedWord(picture.theme, values[i], 1);
  const small = document.createElement("canvas");
  [small.width, small.height] = [image.width, image.height];
  small.getContext("2d")?.putImageData(image, 0, 0);
  const context = fitCanvas(canvas, side, side);
  context.imageSmoothingEnabled = false;
  context.drawImage(small, 0, 0, side, side);
}

/** @type {(picture: Shown, event: PointerEvent, api: Page) => string} */
function under(picture, event, api) {
  const { places } = /** @type {{ places: Places | null }} */ (picture.header);
  const canvas = /** @type {HTMLCanvasElement} */ (event.currentTarget);
  if (!places) return "";
  const n = places.places.length;
  const { width, height } = canvas.getBoundingClientRect();
  const [row, column] = [event.offsetY / height, event.offsetX / width].map((share) =>
    Math.min(n - 1, Math.max(0, Math.floor(share * n))),
  );
  return api.str("live.two", {
    one: fmtNumber(places.places[row]),
    other: fmtNumber(places.places[column]),
    value: fmtNumber(numbersOf(picture, "alike")[row * n + column], 2),
  });
}
