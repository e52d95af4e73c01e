"""The panels of the page of origins: both answers, the counts of a token's n-grams, its passages, pairs. Pure."""

from __future__ import annotations

from typing import TypedDict

import numpy as np

from gptviz.analysis import origins
from gptviz.i18n import translate
from gptviz.numbers import BIT
from gptviz.recipes import origins as recipes
from gptviz.rounding import number, percent
from gptviz.tokens.labels import spoken
from gptviz.training.worlds import WORLDS
from gptviz.ui.message_types import Told
from gptviz.ui.pages.origins.scene import Found
from gptviz.ui.pages.origins.state import PRESETS
from gptviz.ui.pages.origins.texts import WORLD

PAIRS = 10  # rows and columns of the table of pairs
_CONTEXT = 6  # tokens of a context that are written
_LEAST = 1e-12  # below it a probability is drawn as none


class RunView(TypedDict):
    """A training whose text is at hand."""

    name: str
    title: str


class RunsPart(TypedDict):
    """Whose text it is; ``trained``: a model has read it, and stands beside."""

    presets: list[str]
    owned: bool
    runs: list[RunView]
    run: str
    trained: bool
    size: str  # of the text, in words


def runs(scene: Found) -> RunsPart:
    """The trainings of this visitor."""
    lang = scene.context.lang
    titled: list[RunView] = [
        {"name": job.model_name, "title": translate(f"training.source.{job.ask.source}", lang)} for job in scene.jobs
    ]
    return {
        "presets": list(PRESETS), "owned": bool(scene.state.owner), "runs": titled,
        "run": scene.job.model_name if scene.job else "", "trained": scene.job is not None,
        "size": translate("origins.size", lang, count=f"{len(scene.text.ids):,}",
                          source=translate(f"training.source.{_source(scene)}", lang)),
    }  # fmt: skip


def _source(scene: Found) -> str:
    return scene.job.ask.source if scene.job else WORLD


class Choice(TypedDict):
    """One token that may come next: ``gpt`` None while there is no model."""

    id: int
    label: str
    gpt: float | None
    counted: float


class Choices(Told):
    """The likeliest next tokens."""

    rows: list[Choice]
    token: int


class ChoicesPart(TypedDict):
    """Both answers."""

    choices: Choices


def choices(scene: Found) -> ChoicesPart:
    """What the model says, beside what counting says."""
    lang, said = scene.context.lang, scene.answered
    every = scene.candidates if scene.token in scene.candidates else [*scene.candidates, scene.token]
    rows: list[Choice] = [{"id": i, "label": scene.label(i), "gpt": None if said is None else float(said[i]),
                           "counted": float(scene.counted[i])} for i in every]  # fmt: skip
    best = int(np.argmax(scene.counted))
    values = {"label": spoken(scene.label(best)), "p": percent(float(scene.counted[best]), 1)}
    reading = translate("origins.reading.counted", lang, **values)
    if said is not None:
        top = int(np.argmax(said))
        both = {"gpt": spoken(scene.label(top)), "gpt_p": percent(float(said[top]), 1)}
        reading = translate("origins.reading.both", lang, **values, **both)
    return {"choices": {"rows": rows, "token": scene.token, "reading": reading, "python": _python(scene)}}


class Line(TypedDict):
    """One n: how often its context stands in the text, how often the token comes next, and what that makes."""

    n: int
    context: str
    times: int
    then: int
    p: float
    bits: float | None  # None: never, and infinitely many


class Counts(Told):
    """The n-grams of the token looked at; then both models, in bits."""

    label: str
    lines: list[Line]
    counted: float
    counted_bits: float
    gpt: float | None
    gpt_bits: float | None


class CountsPart(TypedDict):
    """How often it was read."""

    counts: Counts


def counts(scene: Found) -> CountsPart:
    """Order by order."""
    lang, token = scene.context.lang, scene.token
    lines: list[Line] = []
    for order in scene.orders:
        then = int(order.counts[token])
        p = then / order.times if order.times else 0.0
        shown = "".join(scene.label(i) for i in order.context[-_CONTEXT:])
        lines.append({"n": order.n, "context": shown, "times": order.times, "then": then, "p": p, "bits": _bits(p)})
    found, p = origins.longest(scene.orders, token), float(scene.counted[token])
    said = None if scene.answered is None else float(scene.answered[token])
    key = "never" if not found.counts[token] else "counts"
    reading = translate(f"origins.reading.{key}", lang, label=spoken(scene.label(token)), n=found.n,
                        then=f"{int(found.counts[token]):,}", times=f"{found.times:,}",
                        bits=number(_bits(p), 2))  # fmt: skip
    if said is not None:
        more = translate("origins.reading.gpt_bits", lang, bits=number(_bits(said), 2))
        reading = translate("origins.joined", lang, first=reading, second=more)
    return {"counts": {
        "label": scene.label(token), "lines": lines, "counted": p, "counted_bits": _bits(p) or 0.0, "gpt": said,
        "gpt_bits": None if said is None else _bits(said), "reading": reading, "python": _python(scene),
    }}  # fmt: skip


def _bits(p: float) -> float | None:
    return float(-np.log(p) / BIT) + 0.0 if p > _LEAST else None


class PassageView(TypedDict):
    """One place of the text."""

    before: str
    gram: str
    after: str


class Passages(Told):
    """Where the longest n-gram that ends with the token stands."""

    n: int
    times: int
    rows: list[PassageView]


class PassagesPart(TypedDict):
    """Passages."""

    passages: Passages


def passages(scene: Found) -> PassagesPart:
    """The longest n-gram that the text has, where it stands first."""
    lang, token, decode = scene.context.lang, scene.token, scene.text.tokenizer.decode
    found = origins.longest(scene.orders, token)
    times = int(found.counts[token])
    places = origins.passages(scene.text.ids, (*found.context, token)) if times else []
    rows: list[PassageView] = [{"before": decode(list(one.before)), "gram": decode(list(one.gram)),
                                "after": decode(list(one.after))} for one in places]  # fmt: skip
    reading = translate("origins.reading.passages" if times else "origins.reading.nowhere", lang, n=found.n,
                        times=f"{times:,}", label=spoken(scene.label(token)))  # fmt: skip
    return {"passages": {"n": found.n, "times": times, "rows": rows, "reading": reading, "python": _python(scene)}}


class Pairs(Told):
    """How often each column's token follows each row's: the first lesson of counting."""

    rows: list[str]
    columns: list[str]
    counts: list[list[int]]
    row: int  # of the last token typed
    column: int  # of the token looked at


class PairsPart(TypedDict):
    """The table of pairs."""

    pairs: Pairs


def pairs(scene: Found) -> PairsPart:
    """The commonest tokens, with the last one typed and the one looked at among them."""
    lang, last = scene.context.lang, scene.ids[-1]
    usual = origins.common(scene.text.ids, scene.n_tokens, PAIRS)
    rows = usual if last in usual else [*usual[:-1], last]
    columns = usual if scene.token in usual else [*usual[:-1], scene.token]
    table = origins.bigrams(scene.text.ids, scene.n_tokens, rows, columns)
    row, column = rows.index(last), columns.index(scene.token)
    reading = translate("origins.reading.pairs", lang, first=spoken(scene.label(last)),
                        second=spoken(scene.label(scene.token)), times=f"{int(table[row, column]):,}")  # fmt: skip
    return {"pairs": {
        "rows": [scene.label(i) for i in rows], "columns": [scene.label(i) for i in columns], "counts": table.tolist(),
        "row": row, "column": column, "reading": reading, "python": _python(scene),
    }}  # fmt: skip


def _python(scene: Found) -> str:
    source = _source(scene)
    seed = scene.job.ask.changes.get("seed", 0) if scene.job else 0
    return recipes.counted(source if source in WORLDS else "", int(seed), scene.ids, scene.token)
