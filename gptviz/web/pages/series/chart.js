// The timeline: which mark is what, and the sizes of what runs here at its right edge.

import { el, fmtLarge, setText } from "../../kit/dom.js";
import { createHead, spacer } from "../../kit/panel.js";
import { createTimeline } from "../../kit/timeline.js";

/** @import { Page, Panel, Shown } from "./types.d.ts" */

const KEYS = /** @type {const} */ (["series", "relative", "unknown", "encoder", "both", "decoder"]);

/** @type {(host: HTMLElement, api: Page, share: HTMLElement) => Panel} */
export function createChart(host, api, share) {
  /** @type {Shown | null} */
  let shown = null;
  const box = el("div", { class: "timeline-box" });
  const chart = createTimeline(box, api.onResize, (card) => api.setView({ card }));
  const more = api.menu({
    title: api.str("series.timeline"),
    reading: () => shown?.header.timeline_reading ?? "",
    python: () => shown?.header.timeline_python ?? "",
    table: () => ({ columns: shown?.header.columns ?? [], rows: shown?.header.rows ?? [] }),
    picture: () => (shown ? chart.picture : null),
  });
  const small = el("small", { text: api.str("series.timeline_small") });
  const key = el(
    "p",
    { class: "series-key" },
    KEYS.map((name) => el("span", {}, el("i", { class: "key-" + name }), api.str("series.key." + name))),
  );
  const reading = el("p", { class: "series-reading", "data-testid": "reading" });
  host.append(createHead(api.str("series.timeline"), small, spacer(), share, more), reading, box, key);
  return {
    update: (picture) => {
      shown = picture;
      const { entries, here, timeline_reading } = picture.header;
      setText(reading, timeline_reading);
      const units = api.str("number.units");
      const years = entries.map(({ year }) => year);
      const sizes = here.map(({ parameters }) => parameters);
      chart.draw(
        {
          years: { from: Math.floor(Math.min(2017, ...years)), to: Math.ceil(Math.max(2026, ...years)) },
          powers: { low: Math.min(6, Math.floor(Math.log10(Math.min(1e6, ...sizes)))), high: 12 },
          write: (power) => fmtLarge(10 ** power, units),
          band: api.str("series.band"),
          title: api.str("series.axis"),
          entries: entries.map((one) => ({
            key: one.key,
            x: one.year,
            y: one.parameters,
            label: one.name,
            hint: `${one.name}, ${one.date}: ${one.said}`,
            shape: one.kind,
            class: one.series ? "of-series" : "relative",
          })),
          beside: here.map((one) => ({
            key: one.key,
            y: one.parameters,
            label: `${one.name} · ${one.said}`,
            hint: `${one.name}: ${one.said}`,
            class: one.role,
            chosen: api.view().card === one.key,
          })),
          chosen: api.view().card,
          label: api.str("series.timeline"),
        },
        picture.theme.type,
      );
    },
  };
}
