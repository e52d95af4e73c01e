"""The scaling page's panels: the curves, the constants, a run that was not made, what others published. Pure."""

from __future__ import annotations

from typing import TypedDict

from gptviz.evaluation.scaling.bootstrap import Fitted
from gptviz.evaluation.scaling.law import FLOPS, KAPLAN, KAPLAN_SPLIT, NAMES, PUBLISHED, Law
from gptviz.evaluation.scaling.runs import Run, counted
from gptviz.i18n import translate
from gptviz.recipes import scaling as recipes
from gptviz.rounding import fixed, number, operand, percent, scientific, setting
from gptviz.ui.message_types import Told
from gptviz.ui.pages.scaling.scene import Measured, floor
from gptviz.ui.pages.scaling.work import RESAMPLES, shipped
from gptviz.views import scaling as views

_BUDGETS = (1e17, 1e26)  # of the published laws


class Point(TypedDict):
    """One run; ``off``: by which part its loss lies above the law's, where the law is of such runs."""

    n: float
    tokens: float
    loss: float
    off: float | None
    own: bool


class CurveView(TypedDict):
    """One curve of the law: what is the same all along it, as it is written, and its points."""

    name: str
    points: list[tuple[float, float]]


class Plots(Told):
    """All runs, and the law's curves through those it is fitted to; the floor is that of our world."""

    runs: list[Point]
    by_n: list[CurveView]
    by_d: list[CurveView]
    by_c: list[CurveView]
    envelope: list[tuple[float, float]]
    entropy: float | None  # E of the law
    floor: float | None
    problem: str  # what is wrong with a table; empty: nothing
    own: int  # runs of the table
    whose: str


class PlotsPart(TypedDict):
    """Loss by parameters, tokens and compute, and how far each run is off."""

    plots: Plots


def plots(scene: Measured) -> PlotsPart:
    """All runs and the curves."""
    law, lang = scene.work.law, scene.context.lang
    points = [_point(run, law if scene.is_ours else None, own=False) for run in scene.ours.runs]
    points += [_point(run, None if scene.is_ours else law, own=True) for run in scene.own]
    found = views.curves(law, scene.work.runs) if law else views.Curves([], [], [], [])
    off = [abs(point["off"]) for point in points if point["off"] is not None]
    said = translate("scaling.fitting", lang) if law is None else translate(
        "scaling.reading.plots", lang, count=len(scene.work.runs), low=fixed(min(run.loss for run in scene.work.runs)),
        high=fixed(max(run.loss for run in scene.work.runs)), off=percent(max(off), 1), E=fixed(law.E, 3),
    )  # fmt: skip
    return {"plots": {
        "runs": points, "by_n": _curves(found.by_parameters), "by_d": _curves(found.by_tokens),
        "by_c": _curves(found.by_compute), "envelope": found.envelope, "entropy": law.E if law else None,
        "floor": floor() if scene.is_ours else None, "own": len(scene.own),
        "problem": scene.refused.say(lang) if scene.refused else "", "whose": "ours" if scene.is_ours else "own",
        "reading": said, "python": recipes.curves(_table(scene), embeddings=scene.chosen.embeddings,
                                                  resamples=RESAMPLES),
    }}  # fmt: skip


def _point(run: Run, law: Law | None, *, own: bool) -> Point:
    off = run.loss / float(law.loss(run.n, run.tokens)) - 1 if law else None
    return {"n": run.n, "tokens": run.tokens, "loss": run.loss, "off": off, "own": own}


def _curves(found: list[views.Curve]) -> list[CurveView]:
    return [{"name": count(curve.fixed), "points": curve.points} for curve in found]


def count(x: float) -> str:
    """A number of parameters, tokens or operations in three figures, from a million on with a power of ten.

    >>> count(25_472), count(3_200_000), count(6e17)
    ('25,500', '3.2e6', '6e17')
    """
    figures = three_figures(x)
    if figures < 1e6:
        return number(figures, 0)
    mantissa, power = scientific(figures, 2).split("e")
    return f"{mantissa.rstrip('0').rstrip('.')}e{power}"


def three_figures(x: float) -> float:
    """The nearest number of three figures: 25,472 → 25,500."""
    return float(scientific(x, 2).replace("−", "-"))


class Constant(TypedDict):
    """One constant of the law with its interval; the same as they are written."""

    name: str
    value: float
    low: float
    high: float
    said: str
    interval: str


class LawView(Told):
    """The law's constants, and what follows from them, a sentence each; ``done`` of ``wanted`` resamples."""

    constants: list[Constant]
    done: int
    wanted: int
    floor: float | None
    formula: str
    says: list[str]


class LawPart(TypedDict):
    """The law; None until it is fitted."""

    law: LawView | None


def law(scene: Measured) -> LawPart:
    """The constants with their intervals, the floor, the split, and the run that was kept back."""
    found, lang = scene.found, scene.context.lang
    if found is None:
        return {"law": None}
    constants = [_constant(found, name) for name in NAMES]
    by_name = {constant["name"]: constant["said"] for constant in constants}
    says = [*_floor_said(scene, found), *_split_said(scene, found), *_larger_said(scene, found)]
    said = translate("scaling.reading.law", lang, count=len(scene.work.runs), done=scene.work.done, **by_name)
    return {"law": {
        "constants": constants, "done": scene.work.done, "wanted": scene.work.wanted, "says": says,
        "floor": floor() if scene.is_ours else None,
        "formula": "L(N, D) = {E} + {A} / N^{alpha} + {B} / D^{beta}".format(**by_name),
        "reading": " ".join([said, *says]),
        "python": recipes.law(_table(scene), embeddings=scene.chosen.embeddings, resamples=RESAMPLES),
    }}  # fmt: skip


def _constant(found: Fitted, name: str) -> Constant:
    value, (low, high) = getattr(found.law, name), found.interval(name)
    write = operand if name in ("A", "B") else lambda x: number(x, 3)
    return {"name": name, "value": value, "low": low, "high": high, "said": write(value),
            "interval": f"{write(low)} … {write(high)}"}  # fmt: skip


def _floor_said(scene: Measured, found: Fitted) -> list[str]:
    """E beside the entropy that is known of our world."""
    if not scene.is_ours:
        return []
    low, high = found.interval("E")
    key = "within" if low <= floor() <= high else "outside"
    return [translate(f"scaling.floor.{key}", scene.context.lang, E=fixed(found.law.E, 3), floor=fixed(floor(), 3),
                      off=number(found.law.E - floor(), 3))]  # fmt: skip


def _split_said(scene: Measured, found: Fitted) -> list[str]:
    """How N_opt grows with C, and how it would if N were counted the other way."""
    lang = scene.context.lang
    if not found.law.splits:
        return [translate("scaling.no_split", lang)]
    a, b = found.law.exponents
    values = {"a": fixed(a), "b": fixed(b), "alpha": fixed(found.law.alpha, 3), "beta": fixed(found.law.beta, 3)}
    said = [translate("scaling.split", lang, **values)]
    other = scene.other.law if scene.is_ours else None
    if other is not None and other.splits:
        key = "without" if scene.chosen.embeddings else "with"
        said.append(translate(f"scaling.counted.{key}", lang, a=fixed(other.exponents[0]), alpha=fixed(other.alpha, 3)))
    return said


def _larger_said(scene: Measured, found: Fitted) -> list[str]:
    """The larger run that the law was not fitted to."""
    if not scene.is_ours:
        return []
    said = []
    for run in counted(shipped("larger"), embeddings=scene.chosen.embeddings):
        loss, low, high = found.predicted(run.n, run.tokens)
        said.append(translate(
            "scaling.larger", scene.context.lang, n=count(run.n), tokens=count(run.tokens), loss=fixed(loss, 3),
            low=fixed(low, 3), high=fixed(high, 3), measured=fixed(run.loss, 3),
            off=percent(abs(loss / run.loss - 1), 2),
        ))  # fmt: skip
    return said


class Ask(Told):
    """A run that was not made: its loss as a sum, its cost, and how the same cost is spent best; as it is written."""

    n: str
    tokens: str
    loss: str
    interval: str
    sum: str
    cost: str
    best: str
    best_sum: str


class AskPart(TypedDict):
    """What the law says of N and D; None until it is fitted."""

    ask: Ask | None


def ask(scene: Measured) -> AskPart:
    """The loss of N and D, and the best split of 6ND."""
    found, lang = scene.found, scene.context.lang
    if found is None:
        return {"ask": None}
    n, tokens = (three_figures(10**x) for x in (scene.chosen.log_n, scene.chosen.log_d))
    loss, low, high = found.predicted(n, tokens)
    flops = FLOPS * n * tokens
    cost = translate("scaling.cost", lang, n=count(n), tokens=count(tokens), flops=count(flops))
    best = best_sum = ""
    if found.law.splits:
        best_n, best_d = found.law.best_split(flops)
        best = translate("scaling.best", lang, flops=count(flops), n=count(best_n), tokens=count(best_d),
                         ratio=operand(best_d / best_n))  # fmt: skip
        best_sum = _sum(found.law, best_n, best_d)
    said = translate("scaling.reading.ask", lang, n=count(n), tokens=count(tokens), loss=fixed(loss, 3))
    return {"ask": {
        "n": count(n), "tokens": count(tokens), "loss": fixed(loss, 3),
        "interval": f"{fixed(low, 3)} … {fixed(high, 3)}",
        "sum": _sum(found.law, n, tokens), "cost": cost, "best": best, "best_sum": best_sum,
        "reading": " ".join(part for part in (said, cost, best) if part),
        "python": recipes.asked(_table(scene), embeddings=scene.chosen.embeddings, resamples=RESAMPLES, n=n,
                                tokens=tokens, flops=flops),
    }}  # fmt: skip


def _sum(law: Law, n: float, tokens: float) -> str:
    """The three terms, written so that they come to the loss as it is written."""
    parts = law.parts(n, tokens)
    digits = next((d for d in (3, 4, 5) if _adds_up(parts, d)), 5)
    return " + ".join(fixed(part, digits) for part in parts) + f" = {fixed(sum(parts), digits)}"


def _adds_up(parts: tuple[float, ...], digits: int) -> bool:
    return fixed(sum(float(fixed(part, digits)) for part in parts), digits) == fixed(sum(parts), digits)


class Published(Told):
    """N_opt by C of each published law, and its constants as they are written."""

    lines: dict[str, list[tuple[float, float]]]
    formulas: dict[str, str]


class PublishedPart(TypedDict):
    """What others have published; nothing of it is mixed with our runs."""

    published: Published


def published(scene: Measured) -> PublishedPart:
    """Three published laws."""
    formulas = {name: "L = {} + {} / N^{} + {} / D^{}".format(*map(setting, (x.E, x.A, x.alpha, x.B, x.beta)))
                for name, x in PUBLISHED.items()}  # fmt: skip
    kaplan = ", ".join(f"L({axis}) = ({scientific(power.scale)} / {axis})^{power.exponent}"
                       for axis, power in zip("ND", KAPLAN.values(), strict=True))  # fmt: skip
    exponents = {name: fixed(x.exponents[0]) for name, x in PUBLISHED.items()}
    said = translate("scaling.reading.published", scene.context.lang, kaplan=fixed(KAPLAN_SPLIT), **exponents)
    return {"published": {
        "lines": views.published(*_BUDGETS), "formulas": {"kaplan": kaplan} | formulas, "reading": said,
        "python": recipes.published(*_BUDGETS),
    }}  # fmt: skip


def _table(scene: Measured) -> str | None:
    """The table that is fitted to, as it was pasted; None: ours."""
    return None if scene.is_ours else scene.chosen.table
