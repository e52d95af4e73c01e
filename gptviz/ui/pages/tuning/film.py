"""AdaLoRA's budget on the tuning page: which layers keep their triplets while it shrinks, step by step. Pure."""

from __future__ import annotations

from typing import TypedDict

from gptviz.i18n import translate
from gptviz.recipes import tuning as recipes
from gptviz.ui.pages.tuning.heard import Ranks
from gptviz.ui.pages.tuning.scene import Tuned

_FRAMES = 160


class FilmPart(TypedDict):
    """How many triplets each layer's matrix has left, whenever that changed."""

    film: list[tuple[int, list[int]]]  # a step, and each layer's
    film_full: int  # of a layer at first
    film_kept: int  # the step whose numbers are kept; -1: not known yet
    film_reading: str
    film_python: str


def film(scene: Tuned) -> FilmPart:
    """Of the job looked at; no frames where its method has no budget."""
    lang, heard = scene.context.lang, scene.state.heard
    if scene.job is None or not heard.ranks:
        return {"film": [], "film_full": 0, "film_kept": -1, "film_python": "",
                "film_reading": translate("tuning.reading.nothing", lang)}  # fmt: skip
    ask = scene.job.ask
    kept = min(heard.valid, key=lambda one: one.loss).step if heard.valid and heard.report else -1
    return {
        "film": [(one.step, list(one.left)) for one in _frames(heard.ranks)],
        "film_full": max(heard.ranks[0].left),
        "film_kept": kept,
        "film_reading": _reading(heard.ranks, lang),
        "film_python": recipes.film(str(ask.changes.get("model", "")), dict(ask.changes.get("settings", {}))),
    }


def _frames(ranks: list[Ranks]) -> list[Ranks]:
    """Few enough to be sent with each picture, the first and the last among them."""
    every = -(-len(ranks) // _FRAMES)
    return [one for i, one in enumerate(ranks) if i % every == 0 or i == len(ranks) - 1]


def _reading(ranks: list[Ranks], lang: str) -> str:
    first, last = ranks[0], ranks[-1]
    most = max(range(len(last.left)), key=lambda i: last.left[i])
    least = min(range(len(last.left)), key=lambda i: last.left[i])
    return translate("tuning.reading.film", lang, before=sum(first.left), after=sum(last.left), step=f"{last.step:,}",
                     most=most, n_most=last.left[most], least=least, n_least=last.left[least])  # fmt: skip
