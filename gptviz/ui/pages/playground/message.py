"""The playground's picture: one message for all its panels. Pure: no Streamlit here.

Every number that can be seen while the temperature or p is dragged comes from a table made here: one row for each step
of the slider. The browser looks it up and works out none.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from gptviz.analysis import rolls
from gptviz.i18n import translate
from gptviz.language_model import LanguageModel
from gptviz.readings import number, percent
from gptviz.tokens.labels import spoken
from gptviz.ui.pages.next_token.actions import Tracer, prompt_ids, window
from gptviz.ui.pages.playground.state import Playground
from gptviz.ui.web.frame import Note, frame, python_lines, sorry_note, text_notes
from gptviz.ui.web.message import Blobs, pack
from gptviz.views import labels
from gptviz.views.distribution import token_label
from gptviz.views.softmax import SHARES, SoftmaxView

STRINGS = ("playground.", "empty.", "path.share", "panel.distribution.broken")
_NAMED = 3  # tokens that a reading names


def build(state: Playground, lm: LanguageModel, tracer: Tracer, *, lang: str, projector: bool = False) -> bytes:
    """The message that shows ``state``, after going on with what is under way."""
    ids, left_out = prompt_ids(lm, state.text)
    blobs: Blobs = {}
    parts: dict[str, Any] = {}
    running = False
    if ids:
        trace = tracer(ids)
        running = state.advance(lm, trace)
        grid = state.softmax(lm, trace)
        prompt = list(ids) if left_out else state.text
        call = _Calls(prompt, lm.name, state)
        parts = {
            "soft": _soft(grid, state, lang, call) | {"names": labels(trace)[-1:]},
            "curves": _curves(grid, state, lang, call),
            "nucleus": _nucleus(state, labels(trace), lm, lang, call),
            "roll": _roll(state, grid, lm, lang, call),
        }
        blobs = _blobs(grid, state)
    header = frame(
        state, lang=lang, projector=projector, view=asdict(state.view), ids=ids, running=running,
        notes=_notes(state, lm, lang, len(ids), left_out), link=state.link(lang=lang, model=lm.name),
    )  # fmt: skip
    return pack(header | parts, blobs, STRINGS)


def sorry(state: Playground, lm: LanguageModel, error: Exception, *, lang: str) -> bytes:
    """The message that keeps the text on the screen where ``build`` failed, and says so."""
    header = frame(state, lang=lang, projector=False, view=asdict(state.view), notes=[sorry_note(error, lang)])
    return pack(header, {}, STRINGS)


def _notes(state: Playground, lm: LanguageModel, lang: str, read: int, left_out: int) -> list[dict[str, str]]:
    more: list[Note] = [("info", key, values) for key, values in state.notes]
    if left_out:
        values = {"tokens": read + left_out, "limit": window(lm), "left_out": left_out}
        more.append(("warn", "note.left_out", values))
    return text_notes(state, lm, lang, *more, read=bool(read))


def _blobs(grid: SoftmaxView, state: Playground) -> Blobs:
    counts = state.kept.counts if state.kept else []
    table = np.asarray(counts, dtype=np.float32).reshape(len(counts), len(SHARES))
    return {
        "probs": grid.probs.astype(np.float32),  # (G, K)
        "tail": grid.tail.astype(np.float32),  # (G,)
        "entropy": grid.entropy.astype(np.float32),  # (G,)
        "effective": grid.effective.astype(np.float32),  # (G,)
        "curve": grid.curve.astype(np.float32),  # (G, R)
        "kept": table,  # (positions done, S)
    }


def _soft(grid: SoftmaxView, state: Playground, lang: str, call: _Calls) -> dict[str, Any]:
    at = grid.at(state.view.temperature)
    others = grid.vocab_size - len(grid.rows)
    comma = translate("reading.comma", lang)
    named = comma.join(
        translate("reading.item", lang, label=spoken(row.label), value=percent(float(p), 1))
        for row, p in zip(grid.rows[:_NAMED], grid.probs[at], strict=False)
    )
    reading = translate(
        "playground.reading.soft", lang, temperature=f"{state.view.temperature:g}", items=named, count=f"{others:,}",
        shown=len(grid.rows), tail=percent(float(grid.tail[at]), 1), entropy=number(float(grid.entropy[at]), 1),
        effective=number(float(grid.effective[at]), 0),
    )  # fmt: skip
    return {
        "rows": [row._asdict() for row in grid.rows],
        "temperatures": grid.temperatures,
        "vocab_size": grid.vocab_size,
        "others": others,
        "reading": reading,
        "python": call.figure("bars"),
    }


def _curves(grid: SoftmaxView, state: Playground, lang: str, call: _Calls) -> dict[str, Any]:
    at, one = grid.at(state.view.temperature), grid.at(1.0)
    half = int(grid.ranks[int(np.searchsorted(-grid.curve[at], 3))]) if grid.curve[at][-1] < -3 else grid.vocab_size
    return {
        "ranks": grid.ranks.tolist(),
        "rank_reading": translate(
            "playground.reading.rank", lang, temperature=f"{state.view.temperature:g}", count=f"{half:,}",
            first=percent(float(grid.probs[at, 0]), 1), first_one=percent(float(grid.probs[one, 0]), 1),
        ),
        "rank_python": call.figure("curve"),
        "entropy_reading": translate(
            "playground.reading.entropy", lang, temperature=f"{state.view.temperature:g}",
            entropy=number(float(grid.entropy[at]), 2), entropy_one=number(float(grid.entropy[one]), 2),
            most=number(math.log2(grid.vocab_size), 2), effective=number(float(grid.effective[at]), 1),
        ),
        "entropy_python": call.figure("entropy"),
    }  # fmt: skip


def _nucleus(state: Playground, names: Sequence[str], lm: LanguageModel, lang: str, call: _Calls) -> dict[str, Any]:
    counts = [int(row[SHARES.index(state.view.top_p)]) for row in (state.kept.counts if state.kept else [])]
    reading = translate("playground.counting", lang)
    if counts:
        most, least = int(np.argmax(counts)), int(np.argmin(counts))
        reading = translate(
            "playground.reading.nucleus", lang, p=f"{state.view.top_p:g}", temperature=f"{state.view.temperature:g}",
            least=f"{counts[least]:,}", least_label=spoken(names[least]), most=f"{counts[most]:,}",
            most_label=spoken(names[most]), median=f"{int(np.median(counts)):,}",
        )  # fmt: skip
    shown = f"softmax.nucleus(trace.logits, labels(trace), temperature={state.view.temperature!r})"
    python = call.lines(f"draw.nucleus({shown}, share={state.view.top_p!r})", imports="labels, softmax")
    return {"labels": list(names), "shares": SHARES, "temperature": state.view.temperature, "reading": reading,
            "python": python, "vocab_size": lm.config.vocab_size}  # fmt: skip


def _roll(state: Playground, grid: SoftmaxView, lm: LanguageModel, lang: str, call: _Calls) -> dict[str, Any]:
    die = state.die
    if die is None or not die.n:
        empty = translate("playground.reading.no_rolls", lang)
        return {"n": 0, "goal": state.goal, "most": rolls.MOST, "checks": [], "reading": empty, "python": ""}
    view = die.view()
    now = view.now
    assert now is not None
    last = {"label": token_label(lm.tokenizer, view.last or 0), "u": view.last_u}
    reading = translate(
        "playground.reading.roll", lang, n=f"{view.n:,}", shown=number(now.shown, 3), all=number(now.all, 3),
        expected=number(now.shown_expected, 3), all_expected=number(now.all_expected, 3), distinct=f"{view.distinct:,}",
        vocab_size=f"{grid.vocab_size:,}", bars=len(grid.rows) + 1,
    )  # fmt: skip
    t, n = state.view.temperature, view.n
    python = call.lines(
        "logits = trace.logits_at(-1)",
        "shown = [row.id for row in softmax.sweep(logits, lm.tokenizer).rows]",
        f"die = rolls.Rolls(softmax.at_temperature(logits, {t!r}), seed={view.seed}, shown=shown)",
        f"die.roll({n})",
        "draw.distances(die.view())",
        imports="rolls, softmax",
    )
    return {
        "n": n,
        "goal": state.goal,
        "most": rolls.MOST,
        "counts": view.counts,
        "shares": [count / n for count in view.counts],
        "others": view.others,
        "others_share": view.others / n,
        "distinct": view.distinct,
        "now": now._asdict(),
        "checks": [check._asdict() for check in view.checks],
        "limit": die.limit(),
        "last": last,
        "reading": reading,
        "python": python,
    }


class _Calls:
    """Python that rebuilds a picture of this page in a notebook."""

    def __init__(self, prompt: str | Sequence[int], model: str, state: Playground) -> None:
        self.prompt, self.model, self.temperature = prompt, model, state.view.temperature

    def lines(self, *body: str, imports: str = "softmax") -> str:
        """All imports, the trace, and ``body``."""
        wanted = ["from gptviz.figures import softmax as draw", f"from gptviz.views import {imports}"]
        return python_lines(self.prompt, self.model, *body, imports=wanted)

    def figure(self, name: str) -> str:
        """One figure of the distribution at all temperatures."""
        view = "view = softmax.sweep(trace.logits_at(-1), lm.tokenizer)"
        return self.lines(view, f"draw.{name}(view, temperature={self.temperature!r})")
