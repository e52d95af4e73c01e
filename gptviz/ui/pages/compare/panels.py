"""The comparison's panels: what can be compared, the columns, the many draws, a file on its way. Pure."""

from __future__ import annotations

from typing import Annotated, TypedDict

from gptviz.decoding import STRATEGIES, draws
from gptviz.decoding.parameter import Form, Value
from gptviz.decoding.parameters import MAX_NEW_TOKENS
from gptviz.decoding.presets import PRESETS, short
from gptviz.i18n import translate
from gptviz.readings import reading
from gptviz.recipes import Prompt
from gptviz.recipes import decoding as recipes
from gptviz.rounding import brief
from gptviz.ui.message_types import JSON, Of
from gptviz.ui.pages.compare.candidates import CANDIDATES, at_step
from gptviz.ui.pages.compare.scene import Comparison
from gptviz.ui.pages.compare.state import LEAST_COLUMNS, MOST_COLUMNS, Slot
from gptviz.ui.prompts import how, quoted
from gptviz.ui.web.message import as_json
from gptviz.views import decoding as views
from gptviz.views.decoding import SpreadView, flowing


class Limits(TypedDict):
    """What may be asked for, from the least to the most."""

    n: tuple[int, int]  # new tokens
    columns: tuple[int, int]


class Preset(TypedDict):
    """A set of strategies with a name."""

    key: str
    title: str
    hint: str


class StrategyForm(TypedDict):
    """What a strategy can be set to."""

    name: str
    parameters: list[Form]


class OffersPart(TypedDict):
    """What can be compared."""

    limits: Limits
    presets: list[Preset]
    preset: str  # the one shown; empty where it is none
    strategies: list[StrategyForm]


def offers(scene: Comparison) -> OffersPart:
    """Presets and strategies with their forms."""
    lang, (fewest, most) = scene.context.lang, MAX_NEW_TOKENS.shown
    return {
        "limits": {"n": (int(fewest), int(most)), "columns": (LEAST_COLUMNS, MOST_COLUMNS)},
        "presets": [{"key": key, "title": translate(f"preset.{key}", lang),
                     "hint": translate(f"preset.hint.{key}", lang)} for key in PRESETS],
        "preset": scene.state.preset(),
        "strategies": [{"name": name, "parameters": [p.form() for p in kind.parameters]}
                       for name, kind in STRATEGIES.items()],
    }  # fmt: skip


class ProgressPart(TypedDict):
    """Where the run stands: how much of what is under way is done, and whether it is still what is asked for."""

    progress: float
    stale: bool
    other_text: bool
    complete: bool


def progress(scene: Comparison) -> ProgressPart:
    """How far the run has come."""
    state = scene.state
    job = state.writing or state.drawing
    return {
        "progress": float(min(1.0, job.done / max(1, job.whole))) if job else 1.0,
        "stale": scene.stale,
        "other_text": state.ran is not None and state.ran.text != state.text,
        "complete": not scene.stale and all(slot.complete for slot in state.slots),
    }


class Axes(TypedDict):
    """The ends of the axes that all columns share: steps, and bits."""

    steps: int
    most: float


class Measures(TypedDict):
    """What can be said about one text."""

    logprob: float
    mean_logprob: float
    perplexity: float
    length: int
    distinct_1: float | None
    distinct_2: float | None
    passes: int | None
    seconds: float | None


class Written(TypedDict, total=False):
    """What a column shows once it has its first token."""

    leaves: int | None
    loops: list[list[int]]
    measures: Measures
    entropies: list[float]
    after: list[float]
    finish: str | None
    looped: float
    reading: str
    candidates: Annotated[JSON, CANDIDATES] | None
    python: str
    best: bool


class ColumnView(Written):
    """One column; a word is [first token, one past its last, text, bits]."""

    number: int
    name: str
    note: str
    strategy: dict[str, Value]
    draft: str
    writing: bool
    words: list[tuple[int, int, str, float]]


class ColumnsPart(TypedDict):
    """All columns, and the step looked at in them."""

    columns: list[ColumnView]
    axes: Axes
    step: int
    forked: bool
    reading: str
    python: str


NO_AXES: Axes = {"steps": 0, "most": 1.0}


def columns(scene: Comparison) -> ColumnsPart:
    """What each strategy wrote."""
    view, lang = scene.shown, scene.context.lang
    best = max(view.columns, key=lambda c: c.measures.mean_logprob).name if view and len(view.columns) > 1 else None
    return {
        "columns": [_column(scene, slot, best) for slot in scene.state.slots],
        "axes": {"steps": view.steps, "most": view.most} if view else NO_AXES,
        "step": scene.step,
        "forked": bool(scene.forks),
        "reading": reading(view, lang) if view else "",
        "python": _python(scene),
    }


def _column(scene: Comparison, slot: Slot, best: str | None) -> ColumnView:
    state, lang, name = scene.state, scene.context.lang, scene.names[slot.number]
    head: ColumnView = {
        "number": slot.number,
        "name": name,
        "note": short(slot.strategy, lang) if slot.given else translate(f"strategy.{slot.strategy.name}", lang),
        "strategy": slot.strategy.to_dict(),
        "draft": flowing(slot.draft.encode("utf-8", "replace")),
        "writing": state.writing is not None and str(slot.number) in state.writing.slots and not slot.complete,
        "words": [],
    }
    if best is not None:
        head["best"] = name == best
    view = scene.drawn.get(name)
    if view is not None and slot.column is not None and state.ran is not None:
        head["words"] = [(w.first, w.stop, w.text, brief(w.surprisal)) for w in view.words]
        return {**head, **_written(scene, slot, view)}
    return head


def _written(scene: Comparison, slot: Slot, view: views.ColumnView) -> Written:
    m, ran = view.measures, scene.state.ran
    assert slot.column is not None
    assert ran is not None
    return {
        "leaves": scene.leaves(slot),
        "loops": [[loop.start, loop.stop, loop.times] for loop in m.loops],
        "measures": {
            "logprob": m.logprob, "mean_logprob": m.mean_logprob, "perplexity": m.perplexity, "length": m.length,
            "distinct_1": m.distinct_1, "distinct_2": m.distinct_2, "passes": view.passes, "seconds": view.seconds,
        },
        "entropies": _rounded(m.entropies),
        "after": _rounded(m.entropies_after),
        "finish": slot.column.steps[-1].finish,
        "looped": m.looped,
        "reading": reading(view, scene.context.lang),
        "candidates": at_step(slot, ran, scene.step, scene.context.lang),
        "python": recipes.text(ran.quoted, ran.lm.name, slot.strategy, max_new_tokens=ran.n, seed=ran.seed),
    }  # fmt: skip


def _python(scene: Comparison) -> str:
    state, names = scene.state, scene.state.names()
    prompt = state.ran.quoted if state.ran and state.ran.text == state.text else _asked(scene)
    strategies = {names[slot.number]: slot.strategy for slot in state.slots}
    return recipes.comparison(prompt, scene.context.lm.name, strategies, max_new_tokens=state.view.n,
                              seed=state.view.seed)  # fmt: skip


def _asked(scene: Comparison) -> Prompt:
    return quoted(scene.context.lm, scene.state.text, how(scene.state.view))


class Draws(TypedDict, total=False):
    """Many draws of one column; a row is [index, seed, length, logprob, text]."""

    slot: int
    name: str
    wanted: int
    view: Annotated[JSON, Of(SpreadView)] | None
    reading: str
    rows: list[tuple[int, int, int, float, str]]
    python: str


class DrawsPart(TypedDict):
    """The many draws, as far as they have come; None where none are asked for."""

    draws: Draws | None


def many(scene: Comparison) -> DrawsPart:
    """How texts of the same strategy differ."""
    wanted, ran, lang = scene.state.draws, scene.state.ran, scene.context.lang
    if wanted is None:
        return {"draws": None}
    head: Draws = {"slot": wanted.slot, "name": short(wanted.strategy, lang), "wanted": wanted.wanted}
    if not wanted.found:
        return {"draws": head | {"view": None, "reading": ""}}
    view = views.spread(draws.spread(wanted.found), bins=16, texts=6)
    own: Draws = {
        "view": as_json(view),
        "reading": reading(view, lang),
        "rows": [(d.index, d.seed, len(d.tokens), d.logprob, d.text) for d in wanted.found],
        "python": recipes.draws(
            ran.quoted, ran.lm.name, wanted.strategy, wanted.wanted, max_new_tokens=ran.n, seed=ran.seed
        )
        if ran
        else "",
    }
    return {"draws": head | own}


class Download(TypedDict):
    """A file on its way to the browser."""

    number: int
    name: str
    type: str
    text: str


class DownloadPart(TypedDict):
    """The file asked for, until the browser says that it has it."""

    download: Download | None


def download(scene: Comparison) -> DownloadPart:
    """The file asked for."""
    file = scene.state.download
    if file is None:
        return {"download": None}
    return {"download": {"number": file.number, "name": file.name, "type": file.type, "text": file.text}}


def _rounded(values: tuple[float, ...]) -> list[float]:
    return [brief(value) for value in values]
