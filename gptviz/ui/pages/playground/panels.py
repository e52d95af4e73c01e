"""The playground's panels. Pure: no Streamlit here.

Every number that can be seen while the temperature or p is dragged comes from a table made here: one row for each step
of the slider. The browser looks it up and works out none.
"""

from __future__ import annotations

import math
from typing import Annotated, Literal, TypedDict

import numpy as np

from gptviz.analysis import rolls
from gptviz.i18n import translate
from gptviz.recipes import softmax as recipes
from gptviz.rounding import number, percent, setting
from gptviz.tokens.labels import spoken
from gptviz.ui.message_types import JSON, Of, Told
from gptviz.ui.pages.playground.scene import Softened
from gptviz.ui.web.arrays import Blobs
from gptviz.ui.web.message import as_json
from gptviz.views.distribution import token_label
from gptviz.views.softmax import SHARES, SoftmaxRow

_NAMED = 3  # tokens that a reading names


def arrays(scene: Softened) -> Blobs:
    """The tables: G temperatures, K bars, R ranks, S shares of top-p."""
    grid, counts = scene.softmax, scene.state.kept.counts if scene.state.kept else []
    return {
        "probs": grid.probs.astype(np.float32),  # (G, K)
        "tail": grid.tail.astype(np.float32),  # (G,)
        "entropy": grid.entropy.astype(np.float32),  # (G,)
        "effective": grid.effective.astype(np.float32),  # (G,)
        "curve": grid.curve.astype(np.float32),  # (G, R)
        "kept": np.asarray(counts, dtype=np.float32).reshape(len(counts), len(SHARES)),  # (positions done, S)
    }


def _sent(value: float) -> float:
    """As the browser has it: a table goes as float32, and what is said of a number must be what is shown of it."""
    return float(np.float32(value))


def _sweep(figure: Literal["bars", "curve", "entropy"], scene: Softened) -> str:
    return recipes.sweep(figure, scene.prompt, scene.context.lm.name, temperature=scene.state.view.temperature)


class Soft(Told):
    """The bars; their heights are the arrays ``probs`` and ``tail``."""

    rows: list[Annotated[JSON, Of(SoftmaxRow, without=("bytes",))]]
    temperatures: tuple[float, ...]
    vocab_size: int
    others: int
    names: tuple[str, ...]  # the last token of the text


class SoftPart(TypedDict):
    """The distribution at the temperature chosen."""

    soft: Soft


def soft(scene: Softened) -> SoftPart:
    """The likeliest tokens, the others as one."""
    grid, at, lang = scene.softmax, scene.at, scene.context.lang
    others = grid.vocab_size - len(grid.rows)
    named = translate("reading.comma", lang).join(
        translate("reading.item", lang, label=spoken(row.label), value=percent(_sent(p), 1))
        for row, p in zip(grid.rows[:_NAMED], grid.probs[at], strict=False)
    )
    reading = translate(
        "playground.reading.soft", lang, temperature=setting(scene.state.view.temperature), items=named,
        count=f"{others:,}", shown=len(grid.rows), tail=percent(_sent(grid.tail[at]), 1),
        entropy=number(_sent(grid.entropy[at]), 1), effective=number(_sent(grid.effective[at]), 0),
    )  # fmt: skip
    return {"soft": {
        "rows": [as_json(row, "bytes") for row in grid.rows], "temperatures": grid.temperatures,
        "vocab_size": grid.vocab_size, "others": others, "reading": reading, "python": _sweep("bars", scene),
        "names": scene.names[-1:],
    }}  # fmt: skip


class Curves(TypedDict):
    """Two curves: probability by rank, entropy by temperature; the arrays ``curve``, ``entropy``, ``effective``."""

    ranks: list[int]
    rank_reading: str
    rank_python: str
    entropy_reading: str
    entropy_python: str


class CurvesPart(TypedDict):
    """The curves."""

    curves: Curves


def curves(scene: Softened) -> CurvesPart:
    """What temperature does to the whole vocabulary."""
    grid, lang, temperature = scene.softmax, scene.context.lang, setting(scene.state.view.temperature)
    at, one = scene.at, grid.at(1.0)
    half = int(grid.ranks[int(np.searchsorted(-grid.curve[at], 3))]) if grid.curve[at][-1] < -3 else grid.vocab_size
    return {"curves": {
        "ranks": grid.ranks.tolist(),
        "rank_reading": translate(
            "playground.reading.rank", lang, temperature=temperature, count=f"{half:,}",
            first=percent(_sent(grid.probs[at, 0]), 1), first_one=percent(_sent(grid.probs[one, 0]), 1),
        ),
        "rank_python": _sweep("curve", scene),
        "entropy_reading": translate(
            "playground.reading.entropy", lang, temperature=temperature,
            entropy=number(_sent(grid.entropy[at]), 2), entropy_one=number(_sent(grid.entropy[one]), 2),
            most=number(math.log2(grid.vocab_size), 2), effective=number(_sent(grid.effective[at]), 1),
        ),
        "entropy_python": _sweep("entropy", scene),
    }}  # fmt: skip


class Nucleus(Told):
    """The counts are the array ``kept``."""

    labels: list[str]
    shares: tuple[float, ...]
    temperature: float
    vocab_size: int


class NucleusPart(TypedDict):
    """What top-p keeps after each token of the text."""

    nucleus: Nucleus


def nucleus(scene: Softened) -> NucleusPart:
    """How many tokens top-p keeps, place by place."""
    state, names, lang = scene.state, scene.names, scene.context.lang
    t, p = state.view.temperature, state.view.top_p
    counts = [int(row[SHARES.index(p)]) for row in (state.kept.counts if state.kept else [])]
    reading = translate("playground.counting", lang)
    if counts:
        most, least = int(np.argmax(counts)), int(np.argmin(counts))
        reading = translate(
            "playground.reading.nucleus", lang, p=setting(p), temperature=setting(t),
            least=f"{counts[least]:,}", least_label=spoken(names[least]), most=f"{counts[most]:,}",
            most_label=spoken(names[most]), median=f"{int(np.median(counts)):,}",
        )  # fmt: skip
    python = recipes.nucleus(scene.prompt, scene.context.lm.name, temperature=t, share=p)
    return {"nucleus": {"labels": list(names), "shares": SHARES, "temperature": t, "reading": reading,
                        "python": python, "vocab_size": scene.context.lm.config.vocab_size}}  # fmt: skip


class Last(TypedDict):
    """What was rolled last, and the uniform number it came from."""

    label: str
    u: float


class Rolled(TypedDict, total=False):
    """What a die shows once it has been rolled."""

    counts: tuple[int, ...]
    shares: list[float]
    others: int
    others_share: float
    now: Annotated[JSON, Of(rolls.Check)]
    limit: float
    last: Last


class Roll(Told, Rolled):
    """The die; what a roll shows is there from the first one on."""

    n: int
    goal: int
    most: int
    checks: list[Annotated[JSON, Of(rolls.Check)]]


class RollPart(TypedDict):
    """The die, and how far its shares are from the bars."""

    roll: Roll


def roll(scene: Softened) -> RollPart:
    """The shares rolled so far beside the probabilities."""
    state, die, lang = scene.state, scene.state.die, scene.context.lang
    now = die.view().now if die is not None else None
    if die is None or now is None:
        empty = translate("playground.reading.no_rolls", lang)
        return {"roll": {"n": 0, "goal": state.goal, "most": rolls.MOST, "checks": [], "reading": empty, "python": ""}}
    view, grid = die.view(), scene.softmax
    reading = translate(
        "playground.reading.roll", lang, n=f"{view.n:,}", shown=number(now.shown, 3), all=number(now.all, 3),
        expected=number(now.shown_expected, 3), all_expected=number(now.all_expected, 3), distinct=f"{view.distinct:,}",
        vocab_size=f"{grid.vocab_size:,}", bars=len(grid.rows) + 1,
    )  # fmt: skip
    return {"roll": {
        "n": view.n,
        "goal": state.goal,
        "most": rolls.MOST,
        "checks": [check._asdict() for check in view.checks],
        "counts": view.counts,
        "shares": [count / view.n for count in view.counts],
        "others": view.others,
        "others_share": view.others / view.n,
        "now": now._asdict(),
        "limit": die.limit(),
        "last": {"label": token_label(scene.context.lm.tokenizer, view.last or 0), "u": view.last_u or 0.0},
        "reading": reading,
        "python": recipes.die(scene.prompt, scene.context.lm.name, temperature=state.view.temperature,
                              seed=view.seed, n=view.n),
    }}  # fmt: skip
