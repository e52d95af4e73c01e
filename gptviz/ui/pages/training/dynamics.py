"""What each step does, from inside: the rate, the gradient's norm, how far layers move, gradients by size. Pure."""

from __future__ import annotations

from typing import TypedDict

from gptviz.i18n import translate
from gptviz.recipes import training as recipes
from gptviz.rounding import number, percent, scientific
from gptviz.training.looking import FLOAT16_NORMAL, FLOAT16_ZERO, LOWEST, Looked
from gptviz.ui.message_types import Told
from gptviz.ui.pages.training.scene import Watched

_POINTS = 300  # of a curve


class Layer(TypedDict):
    """One layer's update-to-weight ratio over the steps that were looked at."""

    name: str
    points: list[tuple[int, float]]


class Dynamics(Told):
    """Step by step; ``counts``: gradients of the last step looked at, by powers of two from 2^``lowest`` on."""

    rate: list[tuple[int, float]]
    norm: list[tuple[int, float]]
    clip: float
    clipped: str  # the share of the steps whose gradient was made shorter
    layers: list[Layer]
    step: int
    counts: list[int]
    zeros: int
    lowest: int
    float16_zero: int
    float16_normal: int
    lost: str  # the share of the gradients that are nothing in float16


class DynamicsPart(TypedDict):
    """What each step does; None before the first."""

    dynamics: Dynamics | None


def dynamics(scene: Watched) -> DynamicsPart:
    """Of the job looked at."""
    heard, lang = scene.state.heard, scene.context.lang
    if scene.job is None or not heard.steps:
        return {"dynamics": None}
    every = max(1, len(heard.steps) // _POINTS)
    shown = [one for i, one in enumerate(heard.steps) if i % every == 0 or i == len(heard.steps) - 1]
    clip = float(heard.begun.get("config", {}).get("grad_clip", 0.0))
    clipped = sum(one.grad_norm > clip for one in heard.steps) / len(heard.steps) if clip else 0.0
    step, last = heard.looks[-1] if heard.looks else (0, None)
    counts = last.counts if last else []
    lost = _lost(last) if last else 0.0
    middle = sorted(ratio for _, ratio in last.ratios)[len(last.ratios) // 2] if last and last.ratios else 0.0
    reading = translate("dynamics.reading", lang, step=f"{heard.steps[-1].step:,}", rate=scientific(shown[-1].rate),
                        norm=number(shown[-1].grad_norm, 2), clipped=percent(clipped))  # fmt: skip
    if last is not None:
        looked = translate("dynamics.reading_looked", lang, step=f"{step:,}", ratio=scientific(middle),
                           lost=percent(lost, 1))  # fmt: skip
        reading = translate("dynamics.both", lang, first=reading, second=looked)
    ask = scene.job.ask
    return {"dynamics": {
        "rate": [(one.step, one.rate) for one in shown],
        "norm": [(one.step, one.grad_norm) for one in shown],
        "clip": clip, "clipped": percent(clipped),
        "layers": _layers(heard.looks), "step": step, "counts": counts, "zeros": last.zeros if last else 0,
        "lowest": LOWEST, "float16_zero": FLOAT16_ZERO, "float16_normal": FLOAT16_NORMAL, "lost": percent(lost, 1),
        "reading": reading, "python": recipes.looked(ask.source, ask.preset, ask.shape, ask.changes),
    }}  # fmt: skip


def _lost(found: Looked) -> float:
    """The share of the gradients other than 0 that float16 rounds to 0."""
    some = sum(found.counts)
    return sum(found.counts[: FLOAT16_ZERO - LOWEST]) / some if some else 0.0


def _layers(looks: list[tuple[int, Looked]]) -> list[Layer]:
    every = max(1, len(looks) // _POINTS)
    kept = [(step, dict(one.ratios)) for step, one in looks[::every]]
    names = list(kept[-1][1]) if kept else []
    return [{"name": name, "points": [(step, ratios.get(name, 0.0)) for step, ratios in kept]} for name in names]
