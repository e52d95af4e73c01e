// What the model writes at each evaluation, the newest first, with the phase that it has come to; before that, how the texts sound that
// it is going to learn from.

import { el, fmtNumber, setAttr, setClass, setText, slots } from "../../kit/dom.js";
import { createHead, spacer } from "../../kit/panel.js";

/** @import { Page, Panel, Shown } from "./types.d.ts" */

/** @type {(host: HTMLElement, api: Page) => Panel} */
export function createSamples(host, api) {
  /** @type {{ picture: Shown | null }} */
  const state = { picture: null };
  const list = el("ol", { class: "samples edged", "data-testid": "samples" });
  const more = api.menu({
    title: () => api.str("training.samples"),
    reading: () => state.picture?.header.samples_reading ?? "",
    python: () => state.picture?.header.setup_python,
    table: () => ({
      columns: ["step", "phase", "text"].map((name) => api.str(`training.column.${name}`)),
      rows: (state.picture?.header.samples ?? []).map(({ step, phase, text }) => [step, phase, text]),
    }),
    picture: () => (list.childElementCount ? list : null),
  });
  const empty = el("p", { class: "hint empty", text: api.str("training.no_samples") });
  const texts = el("ul", { class: "samples edged texts", "data-testid": "texts" });
  host.append(createHead(api.str("training.samples"), spacer(), more), empty, texts, list);
  return {
    update: (picture) => {
      state.picture = picture;
      const { samples } = picture.header;
      const documents = samples.length ? [] : picture.header.documents;
      setAttr(empty, "hidden", samples.length > 0);
      setText(empty, api.str(documents.length ? "live.texts" : "training.no_samples"));
      setAttr(texts, "hidden", !documents.length);
      const lines = slots(texts, documents.length, () => el("li", {}, el("span", { class: "said" })));
      documents.forEach((text, i) => setText(lines[i].children[0], text));
      setAttr(more, "hidden", samples.length === 0);
      const made = slots(list, samples.length, () =>
        el(
          "li",
          {},
          el("span", { class: "sample-step mono" }),
          el("b", { class: "phase" }),
          el("span", { class: "said" }),
        ),
      );
      samples.forEach((sample, i) => {
        const [step, phase, said] = made[i].children;
        setText(step, fmtNumber(sample.step));
        setText(phase, sample.phase);
        setText(said, sample.text || "⏎");
        setClass(made[i], "valid", sample.valid === true);
        setAttr(
          said,
          "title",
          sample.valid === null ? null : api.str(sample.valid ? "training.valid" : "training.invalid"),
        );
      });
    },
  };
}
