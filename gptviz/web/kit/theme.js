// Colours, fonts and colour scales, read from the page's theme. Colour means one thing each: accent (indigo) = probability and
// attention; warm (orange) = surprisal; draw (magenta) = drawn or picked; cut (hatched grey) = cut by a filter or masked.

/** @typedef {number[]} Rgb */
/** @typedef {{ css: string[], words: Uint32Array, light: boolean[] }} ColourTable */
/**
 * @typedef {typeof PALETTES.light & ThemeOfPage} Theme
 * @typedef {{ dark: boolean, font: string, mono: string, type: number, big: number, positive: ColourTable, negative: ColourTable }} ThemeOfPage
 */

const PALETTES = {
  light: {
    ink: "#1c2024",
    bg: "#fbfbf9",
    panel: "#ffffff",
    mute: "#676d78",
    line: "#e5e5e0",
    accent: "#3b4cc0",
    onAccent: "#ffffff",
    draw: "#d6336c",
    cut: "#c9ccd3",
    warm0: "#fff7ec",
    warm1: "#e8590c",
    shadow: "0 1px 2px rgba(0,0,0,.04)",
    indigo: [
      [245, 246, 253],
      [205, 212, 246],
      [100, 118, 214],
      [38, 44, 120],
    ],
    grey: [
      [246, 246, 247],
      [222, 223, 226],
      [150, 154, 162],
      [74, 78, 86],
    ],
  },
  dark: {
    ink: "#e8eaed",
    bg: "#14161a",
    panel: "#1b1e24",
    mute: "#9aa0aa",
    line: "#2b2f37",
    accent: "#8ea2ff",
    onAccent: "#11131a",
    draw: "#ff6b9d",
    cut: "#454b57",
    warm0: "#2a2420",
    warm1: "#c2571b",
    shadow: "none",
    indigo: [
      [33, 37, 48],
      [52, 60, 130],
      [98, 118, 230],
      [206, 218, 255],
    ],
    grey: [
      [33, 37, 48],
      [62, 66, 75],
      [118, 123, 133],
      [196, 199, 205],
    ],
  },
};
// The theme's names, and the variables of the style sheets that have them.
const VARIABLES = /** @type {const} */ ([
  ["bg", "--bg"],
  ["panel", "--panel"],
  ["ink", "--ink"],
  ["mute", "--mute"],
  ["line", "--line"],
  ["accent", "--accent"],
  ["onAccent", "--on-accent"],
  ["draw", "--draw"],
  ["cut", "--cut"],
  ["warm0", "--warm0"],
  ["warm1", "--warm1"],
  ["shadow", "--shadow"],
  ["font", "--font"],
  ["mono", "--mono"],
]);
const WORD_FONTS =
  '"Source Sans 3", "Source Sans Pro", "Source Sans", "Noto Sans CJK SC", "Noto Sans SC", "PingFang SC", "Microsoft YaHei", system-ui, sans-serif';
const NUMBER_FONTS =
  '"Source Code Pro", ui-monospace, "Noto Sans Mono CJK SC", "Noto Sans CJK SC", "PingFang SC", "Microsoft YaHei", monospace';
// Small weights are most weights: below 1 the exponent lifts them off the panel's colour. Legends are drawn by the same scale.
const TABLE_LIFT = 0.62;
const TABLE_STEPS = 256;
const COLOUR_TABLES = new WeakMap(); // stops → their table, made once

// The theme of the page around `host`: dark or light by the luminance of Streamlit's background; the CSS variable --type
// (1, or more in projector mode) scales what is written on canvases; --big (px) is what the back row reads, 0 in other modes.
/** @type {(host: HTMLElement | ShadowRoot) => Theme} */
export function readTheme(host) {
  const style = getComputedStyle(host instanceof ShadowRoot ? host.host : host);
  /** @param {string} name */
  const read = (name) => style.getPropertyValue(name).trim();
  const background = parseColour(read("--st-background-color"));
  const dark = background ? luminance(background) < 0.5 : matchMedia("(prefers-color-scheme: dark)").matches;
  const palette = PALETTES[dark ? "dark" : "light"];
  const ink = parseColour(read("--st-text-color"));
  return {
    ...palette,
    dark,
    bg: background ? hexColour(background) : palette.bg,
    ink:
      ink && Math.abs(luminance(ink) - luminance(background || rgbOf(palette.bg))) > 0.4 ? hexColour(ink) : palette.ink,
    font: fontChain(read("--st-font"), WORD_FONTS),
    mono: fontChain(read("--st-code-font"), NUMBER_FONTS),
    type: Number.parseFloat(read("--type")) || 1,
    big: Number.parseFloat(read("--big")) || 0,
    positive: tableOf(palette.indigo),
    negative: tableOf(palette.grey),
  };
}

// Writes the theme into CSS variables of `root`, the names of which the style sheets use.
/** @type {(root: HTMLElement, theme: Theme) => void} */
export function applyTheme(root, theme) {
  for (const [name, variable] of VARIABLES) {
    const value = theme[name];
    if (root.style.getPropertyValue(variable) !== value) root.style.setProperty(variable, value);
  }
  const name = theme.dark ? "dark" : "light";
  if (root.dataset.theme !== name) root.dataset.theme = name;
}

// The colour of a value in [0, 1] on the one-hued scale of attention and probability, as "rgb(…)".
/** @type {(theme: Theme, value: number) => string} */
export function indigo(theme, value) {
  return theme.positive.css[tableStep(value)];
}

// The colour of a signed value: indigo by value / most above zero, neutral grey by −value / most below it.
/** @type {(theme: Theme, value: number, most: number) => string} */
export function signed(theme, value, most) {
  const share = most > 0 ? value / most : 0;
  return share >= 0 ? theme.positive.css[tableStep(share)] : theme.negative.css[tableStep(-share)];
}

// The same as a packed RGBA word, for image data.
/** @type {(theme: Theme, value: number, most: number) => number} */
export function signedWord(theme, value, most) {
  const share = most > 0 ? value / most : 0;
  return share >= 0 ? theme.positive.words[tableStep(share)] : theme.negative.words[tableStep(-share)];
}

// The colour of a surprisal in bits: from pale to orange, full at BITS_AT_FULL_COLOUR; in CSS, so that it follows the theme.
export const BITS_AT_FULL_COLOUR = 12;
const STRONGEST_MIX = 0.62; // beyond this, dark ink on orange is no longer easy to read
/** @type {(bits: number) => string} */
export function surprisalColour(bits) {
  return warmColour(bits / BITS_AT_FULL_COLOUR);
}

// How much orange that is, for a style sheet that mixes it.
/** @type {(bits: number) => string} */
export function surprisalShare(bits) {
  return mixedShare(bits / BITS_AT_FULL_COLOUR);
}

// From pale (0) to the strongest orange (1).
/** @type {(share: number) => string} */
export function warmColour(share) {
  return `color-mix(in srgb, var(--warm1) ${mixedShare(share)}, var(--warm0))`;
}

/** @type {(share: number) => string} */
function mixedShare(share) {
  return (Math.min(1, share) * STRONGEST_MIX * 100).toFixed(1) + "%";
}

// Ink that can be read on the colour of a value: black or white by the table's luminance.
/** @type {(theme: Theme, value: number, most: number) => string} */
export function inkOn(theme, value, most) {
  const share = most > 0 ? value / most : 0;
  const table = share >= 0 ? theme.positive : theme.negative;
  return table.light[tableStep(Math.abs(share))] ? "#14161a" : "#ffffff";
}

// Makes the canvas as big as width × height CSS pixels at the screen's own resolution; gives a context in CSS pixels.
/** @type {(canvas: HTMLCanvasElement, width: number, height: number, ratio?: number) => CanvasRenderingContext2D} */
export function fitCanvas(canvas, width, height, ratio = globalThis.devicePixelRatio || 1) {
  const across = Math.max(1, Math.round(width * ratio));
  const down = Math.max(1, Math.round(height * ratio));
  if (canvas.width !== across) canvas.width = across;
  if (canvas.height !== down) canvas.height = down;
  if (canvas.style.width !== width + "px") canvas.style.width = width + "px";
  if (canvas.style.height !== height + "px") canvas.style.height = height + "px";
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);
  return context;
}

// A mixed with B: 0 is all A, 1 all B; both "#rrggbb".
/** @type {(a: string, b: string, share: number) => string} */
export function mixColour(a, b, share) {
  const [one, other] = [rgbOf(a), rgbOf(b)];
  return hexColour(one.map((channel, i) => channel + (other[i] - channel) * share));
}

// "#rgb", "#rrggbb", "rgb(r, g, b)" → [r, g, b]; null where it is none of these
/** @type {(text: string) => Rgb | null} */
export function parseColour(text) {
  const hex = /^#([0-9a-f]{3,8})$/i.exec(text || "");
  if (hex) {
    const digits = hex[1].length < 6 ? [...hex[1]].map((digit) => digit + digit).join("") : hex[1];
    return [0, 2, 4].map((at) => Number.parseInt(digits.slice(at, at + 2), 16));
  }
  const numbers = /^rgba?\(([^)]*)\)$/i.exec(text || "");
  const parts = numbers
    ? numbers[1]
        .split(/[\s,/]+/)
        .filter(Boolean)
        .map(Number.parseFloat)
    : [];
  return parts.length >= 3 && parts.slice(0, 3).every(Number.isFinite) ? parts.slice(0, 3) : null;
}

// A computed value in which every mixed colour is written as rgb(), which all viewers of a saved picture read.
/** @type {(text: string) => string} */
export function plainColour(text) {
  return text.replace(/color\(srgb ([^)]*)\)/g, (_, given) => {
    const [red, green, blue, alpha] = given.split(/[\s/]+/).map(Number);
    const channels = [red, green, blue].map((channel) => Math.round(channel * 255)).join(", ");
    return alpha === undefined ? `rgb(${channels})` : `rgba(${channels}, ${alpha})`;
  });
}

// The same of a colour that is known to be one.
/** @type {(text: string) => Rgb} */
function rgbOf(text) {
  return /** @type {Rgb} */ (parseColour(text));
}

/** @type {(channels: Rgb) => string} */
function hexColour(channels) {
  return "#" + channels.map((channel) => Math.round(channel).toString(16).padStart(2, "0")).join("");
}

/** @type {(channels: Rgb) => number} */
function luminance([red, green, blue]) {
  return (0.2126 * red + 0.7152 * green + 0.0722 * blue) / 255;
}

/** @type {(first: string, rest: string) => string} */
function fontChain(first, rest) {
  return first ? first.replace(/,?\s*(sans-serif|monospace)\s*$/i, "") + ", " + rest : rest;
}

/** @type {(share: number) => number} */
function tableStep(share) {
  return Math.round(Math.min(1, Math.max(0, share || 0)) * (TABLE_STEPS - 1));
}

/** @type {(stops: Rgb[]) => ColourTable} */
function tableOf(stops) {
  if (!COLOUR_TABLES.has(stops)) COLOUR_TABLES.set(stops, colourTable(stops));
  return COLOUR_TABLES.get(stops);
}

// 256 steps: css strings for fills, packed RGBA words for image data, and whether the step is light (wants dark ink).
/** @type {(stops: Rgb[]) => ColourTable} */
function colourTable(stops) {
  const css = [];
  const words = new Uint32Array(TABLE_STEPS);
  const light = [];
  for (let i = 0; i < TABLE_STEPS; i += 1) {
    const at = (i / (TABLE_STEPS - 1)) ** TABLE_LIFT * (stops.length - 1);
    const low = Math.min(stops.length - 2, Math.floor(at));
    const channels = stops[low].map((channel, c) => Math.round(channel + (stops[low + 1][c] - channel) * (at - low)));
    css.push("rgb(" + channels.join(",") + ")");
    words[i] = ((255 << 24) | (channels[2] << 16) | (channels[1] << 8) | channels[0]) >>> 0;
    light.push(luminance(channels) > 0.48);
  }
  return { css, words, light };
}
