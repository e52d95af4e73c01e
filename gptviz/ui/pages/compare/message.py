"""The picture of a comparison: one header with all that the page shows. Pure: no Streamlit here."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from gptviz.decoding import STRATEGIES, draws
from gptviz.decoding.compare import diverge
from gptviz.decoding.parameter import Parameter
from gptviz.decoding.presets import PRESETS, short
from gptviz.i18n import translate
from gptviz.language_model import LanguageModel
from gptviz.readings import reading
from gptviz.ui.pages.compare import link, recipe
from gptviz.ui.pages.compare.candidates import at_step
from gptviz.ui.pages.compare.state import AUTO, LEAST_COLUMNS, MOST_COLUMNS, NEW_TOKENS, Compare, Slot
from gptviz.ui.web import frame as web
from gptviz.ui.web.message import as_json, pack
from gptviz.views import decoding as views
from gptviz.views.decoding import ColumnView, flowing

#: Groups of interface strings that the browser needs here.
STRINGS = ("compare.", "strategy.", "panel.distribution.")
#: Where a setting that is off begins when it is switched on; others in the middle of their slider.
_START = {"top_k": 50, "top_p": 0.9, "min_p": 0.1, "typical_p": 0.9, "eta_cutoff": 0.002, "no_repeat_ngram_size": 3}
_AXES = {"steps": 0, "most": 1.0}  # of nothing
_DIGITS = 3  # of numbers that are only drawn: a pixel is wider


def build(state: Compare, lm: LanguageModel, *, lang: str, projector: bool = False) -> bytes:
    """The message that shows ``state``; also notes in ``state.shown`` the controls that it shows."""
    header = frame(state, lm, lang, projector)
    run = state.run(lang)
    view = views.comparison(run) if run else None
    names = state.names(lang)
    drawn = {} if view is None else {c.name: c for c in view.columns}
    step = looked_at(state)
    header["columns"] = [column(state, slot, drawn.get(names[slot.number]), step, lang) for slot in state.slots]
    if view is not None and len(view.columns) > 1:
        best = max(view.columns, key=lambda c: c.measures.mean_logprob).name
        header["columns"] = [c | {"best": c["name"] == best} for c in header["columns"]]
    header["axes"] = {"steps": view.steps, "most": view.most} if view else _AXES
    header["step"], header["forked"] = step, bool(forks(state))
    header["reading"] = reading(view, lang) if view else ""
    header["python"] = recipe.comparison(state, lm)
    header["draws"] = many(state, lang)
    return pack(header, {}, STRINGS)


def sorry(state: Compare, lm: LanguageModel, error: Exception, *, lang: str) -> bytes:
    """The message that keeps text and columns where ``build`` failed, and says so."""
    header = frame(state, lm, lang, projector=False)
    header["notes"] = [web.sorry_note(error, lang)]
    header |= {
        "running": False,
        "columns": [],
        "axes": _AXES,
        "step": 0,
        "forked": False,
        "reading": "",
        "python": "",
        "draws": None,
    }
    return pack(header, {}, STRINGS)


def frame(state: Compare, lm: LanguageModel, lang: str, projector: bool) -> dict[str, Any]:
    """All of the header but the columns."""
    stale = state.stale(lm)
    header = web.frame(
        state, lang=lang, projector=projector, view=asdict(state.view), ids=state.ran.ids if state.ran else (),
        notes=notes(state, lm, lang), link=link.encode(state, lang=lang, model=lm.name), running=state.running,
        debounce_ms=250, max_wait_ms=1000,  # the text is only noted while it is typed
    )  # fmt: skip
    return header | {
        "progress": progress(state),
        "stale": stale,
        "other_text": state.ran is not None and state.ran.text != state.text,
        "complete": not stale and all(slot.complete for slot in state.slots),
        "limits": {"n": NEW_TOKENS, "columns": (LEAST_COLUMNS, MOST_COLUMNS)},
        "presets": [{"key": key, "title": translate(f"preset.{key}", lang),
                     "hint": translate(f"preset.hint.{key}", lang)} for key in PRESETS],
        "preset": state.preset(),
        "strategies": [{"name": name, "parameters": [_parameter(p) for p in kind.parameters]}
                       for name, kind in STRATEGIES.items()],
        "download": asdict(state.download) if state.download else None,
    }  # fmt: skip


def notes(state: Compare, lm: LanguageModel, lang: str) -> list[dict[str, str]]:
    """What the reader should know, as sentences."""
    found: list[web.Note] = [("info", key, values) for key, values in state.notes]
    ran = state.ran
    if ran is not None and ran.left_out and ran.text == state.text:
        counts = {"tokens": len(ran.ids) + ran.left_out, "limit": len(ran.ids), "left_out": ran.left_out}
        found.append(("warn", "compare.note.left_out", counts))
    said = web.text_notes(state, lm, lang, *found, read=True)  # what cannot be read is said when it is run
    return [*said, {"level": "error", "text": state.error.say(lang)}] if state.error else said


def progress(state: Compare) -> float:
    """How much of what is under way is done, from 0 to 1."""
    job = state.writing or state.drawing
    return float(min(1.0, job.done / max(1, job.whole))) if job else 1.0


def looked_at(state: Compare) -> int:
    """The step looked at: the one chosen, else the first at which a column leaves its neighbour."""
    if state.view.step != AUTO:
        return state.view.step
    return min(forks(state), default=0)


def forks(state: Compare) -> list[int]:
    """The steps at which columns leave their neighbours."""
    return [step for slot in state.slots if (step := leaves(state, slot)) is not None]


def leaves(state: Compare, slot: Slot) -> int | None:
    """Where ``slot`` leaves the one to its left, as far as both have come."""
    at = state.slots.index(slot)
    left = state.slots[at - 1].column if at else None
    return diverge(left.steps, slot.column.steps) if left and slot.column else None


def column(state: Compare, slot: Slot, view: ColumnView | None, step: int, lang: str) -> dict[str, Any]:
    """One column as JSON. A word is [first token, one past its last, text, bits]."""
    head = {
        "number": slot.number,
        "name": state.names(lang)[slot.number],
        "note": short(slot.strategy, lang) if slot.given else translate(f"strategy.{slot.strategy.name}", lang),
        "strategy": slot.strategy.to_dict(),
        "draft": flowing(slot.draft.encode("utf-8", "replace")),
        "writing": state.writing is not None and str(slot.number) in state.writing.slots and not slot.complete,
        "words": [],
    }
    if view is None or slot.column is None or state.ran is None:
        return head
    m = view.measures
    last = slot.column.steps[-1].finish
    return head | {
        "words": [[w.first, w.stop, w.text, round(w.surprisal, _DIGITS)] for w in view.words],
        "leaves": leaves(state, slot),
        "loops": [[loop.start, loop.stop, loop.times] for loop in m.loops],
        "measures": {
            "logprob": m.logprob, "mean_logprob": m.mean_logprob, "perplexity": m.perplexity, "length": m.length,
            "distinct_1": m.distinct_1, "distinct_2": m.distinct_2, "passes": view.passes, "seconds": view.seconds,
        },
        "surprisals": _rounded(m.surprisals),
        "entropies": _rounded(m.entropies),
        "after": _rounded(m.entropies_after),
        "finish": last,
        "looped": m.looped,
        "reading": reading(view, lang),
        "candidates": at_step(slot, state.ran, step, lang),
        "python": recipe.column(state.ran, slot.strategy),
    }  # fmt: skip


def many(state: Compare, lang: str) -> dict[str, Any] | None:
    """The many draws as JSON, as far as they have come."""
    if state.draws is None:
        return None
    head = {"slot": state.draws.slot, "name": short(state.draws.strategy, lang), "wanted": state.draws.wanted}
    if not state.draws.found:
        return head | {"view": None, "reading": ""}
    view = views.spread(draws.spread(state.draws.found), bins=16, texts=6)
    rows = [[d.index, d.seed, len(d.tokens), d.logprob, d.text] for d in state.draws.found]
    python = recipe.draws(state.ran, state.draws) if state.ran else ""
    return head | {"view": as_json(view), "reading": reading(view, lang), "rows": rows, "python": python}


def _parameter(p: Parameter) -> dict[str, Any]:
    low, high = p.shown
    middle = (low + high) / 2
    start = _START.get(p.name, round(middle) if p.kind == "whole" else middle)
    return {"name": p.name, "kind": p.kind, "default": p.default, "low": low, "high": high, "step": p.step,
            "choices": p.choices, "optional": p.optional, "start": start}  # fmt: skip


def _rounded(values: tuple[float, ...]) -> list[float]:
    return [round(value, _DIGITS) for value in values]
