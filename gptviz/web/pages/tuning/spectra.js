// Singular values of what several tunings have added to one matrix: the place across, the value up, both by powers.

import { powerTicks } from "../../kit/axis.js";
import { el, setClass, setText, slots } from "../../kit/dom.js";
import { createPlot } from "../../kit/plot.js";

/** @import { PlotSpec } from "../../kit/plot.js" */
/** @import { Page, Shown } from "./types.d.ts" */
/** @import { TuningHeader } from "./message.d.ts" */

const DOUBLES = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024];
const DEEPEST = 4; // powers of ten below the largest that are shown

/** @type {(host: HTMLElement, key: HTMLElement, api: Page) => { draw: (picture: Shown) => void }} */
export function createSpectra(host, key, api) {
  const plot = createPlot(host, api.onResize);
  return {
    draw: ({ header, theme }) => {
      const spec = specOf(header, api);
      if (spec) plot.draw(spec, theme);
      else plot.clear();
      const made = slots(key, header.spectra.length, () => el("span", { class: "spectra-name" }));
      header.spectra.forEach(({ name, here }, i) => {
        setText(made[i], name);
        for (let k = 0; k < 6; k += 1) setClass(made[i], `line-${k}`, k === i);
        setClass(made[i], "here", here);
      });
    },
  };
}

// Nothing where nothing has moved: its logarithm has no place.
/** @type {(header: TuningHeader, api: Page) => PlotSpec | null} */
function specOf({ spectra, delta_reading }, api) {
  const values = spectra.flatMap(({ points }) => points.map(([, value]) => value));
  if (!values.length) return null;
  const high = Math.ceil(Math.log10(Math.max(...values)) + 1e-9);
  const low = Math.max(Math.floor(Math.log10(Math.min(...values))), high - DEEPEST);
  const last = Math.max(2, ...spectra.flatMap(({ points }) => points.map(([at]) => at)));
  return {
    x: {
      log: true,
      min: 1,
      max: last,
      title: api.str("tuning.axis.place"),
      ticks: DOUBLES.filter((at) => at <= last).map((at) => [at, String(at)]),
    },
    y: {
      log: true,
      min: 10 ** low,
      max: 10 ** high,
      title: api.str("tuning.axis.singular"),
      ticks: powerTicks(low, high, 5),
    },
    lines: spectra.map(({ points }, i) => ({ points: points.filter(([, y]) => y >= 10 ** low), class: `line-${i}` })),
    marks: spectra.flatMap(({ points }, i) =>
      points.length > 1 ? [] : points.map(([x, y]) => ({ x, y, class: `line-${i}` })),
    ),
    label: delta_reading,
  };
}
