"""The form of the training page: what can be chosen, what lies ready to learn from, and what the run costs. Pure."""

from __future__ import annotations

from typing import TypedDict

from gptviz.errors import GptvizError
from gptviz.gpt.config import TrainConfig
from gptviz.i18n import large, translate
from gptviz.jobs.folder import OWN
from gptviz.jobs.settings import settings
from gptviz.jobs.texts import Own
from gptviz.recipes import training as recipes
from gptviz.rounding import gigabytes, number
from gptviz.training.cost import Cost, cost
from gptviz.training.plan import Plan
from gptviz.training.worlds import WORLDS
from gptviz.ui.pages.training.scene import Watched
from gptviz.ui.pages.training.state import OFFERED, PIECE, SOURCES

_ASCII = 100  # characters of Python's own text, about


class SetupPart(TypedDict):
    """What can be chosen, and what the run that is wished for costs; ``problem``: why it cannot be."""

    presets: list[str]
    sources: list[str]
    cost: list[tuple[str, str]]  # what, and how much of it
    parts: list[tuple[str, int]]
    problem: str
    own: str  # what of one's own lies ready, in words; empty: nothing does
    piece: int  # characters of a text that are sent at a time, in base64
    text_bytes: int  # that a text may have
    text_learns: bool  # the source is a text, whose vocabulary may be learnt
    merges: list[tuple[str, str]]  # of the job looked at, where it learnt its vocabulary: which two became one
    setup_reading: str
    setup_python: str


def setup(scene: Watched) -> SetupPart:
    """Choices with their cost."""
    lang, state, own = scene.context.lang, scene.state, scene.state.own
    problem, runs = "", list[Cost]()
    asks = state.asks()
    last = asks[-1]
    try:
        if state.view.source == OWN and own is None:
            raise GptvizError("jobs.no_text")
        runs = [cost(_config(scene, n)) for n in range(len(asks))]
        most = settings().parameters
        largest = max(found.n_parameters for found in runs)
        if largest > most:
            raise GptvizError("train.too_large", count=f"{largest:,}", most=f"{most:,}")
    except GptvizError as error:
        problem = error.say(lang)
    parts = runs[-1].parts if runs else {}
    return {
        "presets": list(OFFERED),
        "sources": list(SOURCES),
        "cost": _cost(runs, lang) if runs else [],
        "parts": [(translate(f"training.part.{kind}", lang), n) for kind, n in parts.items()],
        "problem": problem,
        "own": "" if own is None else lies_ready(own, lang),
        "piece": PIECE,
        "text_bytes": settings().text_bytes,
        "text_learns": state.view.source not in WORLDS,
        "merges": state.heard.merges if scene.job is not None else [],
        "setup_reading": _reading(runs, lang) if runs else "",
        "setup_python": recipes.run(last.source, last.preset, last.shape, last.changes, parts=last.parts,
                                    learn=last.learn),
    }  # fmt: skip


def _config(scene: Watched, n: int) -> TrainConfig:
    """Of the n-th run that is wished for. Raises ConfigError."""
    view, own, ask = scene.state.view, scene.state.own, scene.state.asks()[n]
    if view.source in WORLDS:
        n_tokens = len(WORLDS[view.source].alphabet)
    else:
        n_tokens = ask.learn or (own.different if own and view.source == OWN else _ASCII)
    plan = Plan(None, settings().folder, preset=ask.preset, world="names", changes=ask.changes, shape=ask.shape,
                parts=ask.parts)  # fmt: skip
    return plan.configure(n_tokens)


def lies_ready(own: Own, lang: str) -> str:
    """A text and how it was read: its size, its encoding, and what was left out of it."""
    values = {"name": own.name or translate("training.pasted", lang), "characters": f"{own.characters:,}",
              "different": f"{own.different:,}", "encoding": own.encoding.upper()}  # fmt: skip
    said = translate("training.own_ready", lang, **values)
    if not own.left_out:
        return said
    cut = translate("training.own_cut", lang, read=gigabytes(own.n_bytes), whole=gigabytes(own.n_bytes + own.left_out))
    return translate("training.two_sentences", lang, first=said, second=cut)


def _cost(runs: list[Cost], lang: str) -> list[tuple[str, str]]:
    """Of the run; of two, one after another: sums of what adds up, the larger of what does not."""
    found = max(runs, key=lambda run: run.n_parameters)
    said = {
        "parameters": f"{found.n_parameters:,}",
        "memory": gigabytes(max(run.n_bytes for run in runs)),
        "flops": f"{large(round(found.flops), lang)} (6N: {large(round(found.flops_rule), lang)})",
        "tokens": f"{sum(run.n_tokens for run in runs):,}",
        "speed": number(found.tokens_a_second, 0),
        "time": about(sum(run.seconds for run in runs), lang),
    }
    return [(translate(f"training.cost.{name}", lang), value) for name, value in said.items()]


def about(seconds: float, lang: str) -> str:
    """A time, as far as it can be known."""
    key = "seconds" if seconds < 100 else "minutes"
    value = max(1, round(seconds if key == "seconds" else seconds / 60))
    return translate(f"training.about_{key}", lang, count=value)


def _reading(runs: list[Cost], lang: str) -> str:
    found = max(runs, key=lambda run: run.n_parameters)
    return translate("training.reading.setup", lang, count=f"{found.n_parameters:,}", tokens=f"{found.n_tokens:,}",
                     flops=large(round(found.flops), lang), rule=large(round(found.flops_rule), lang))  # fmt: skip
