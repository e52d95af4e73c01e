"""Runs and the law fitted to them as the curves of a picture: loss by parameters, by tokens and by compute."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from gptviz.evaluation.scaling.law import FLOPS, KAPLAN_SPLIT, PUBLISHED, Law
from gptviz.evaluation.scaling.runs import Run

#: Points of a curve, evenly spaced on a logarithmic axis.
POINTS = 48
#: What a petaflop-day is, and how many parameters Kaplan et al. 2020 would give one (their table 6: N_e).
PETAFLOP_DAY, KAPLAN_AT_ONE = 8.64e19, 1.3e9
MOST_CURVES = 12


class Curve(NamedTuple):
    """One curve: what is the same all along it (0: nothing), and its points, (x, nats per token)."""

    fixed: float
    points: list[tuple[float, float]]


class Curves(NamedTuple):
    """All curves of one law over the range of some runs."""

    by_parameters: list[Curve]  # one for each number of tokens
    by_tokens: list[Curve]  # one for each number of parameters
    by_compute: list[Curve]  # the same by 6ND
    envelope: list[tuple[float, float]]  # (C, the lowest loss that C = 6ND can buy); empty where there is no best split


class Residual(NamedTuple):
    """How far a run lies from the law."""

    n: float
    tokens: float
    off: float  # measured / predicted - 1


def curves(law: Law, runs: Sequence[Run]) -> Curves:
    """The curves of ``law`` through the sizes and tokens of ``runs``.

    >>> law = Law(A=10.0, B=10.0, E=2.0, alpha=1.0, beta=1.0)
    >>> found = curves(law, [Run(10.0, 100.0, 3.1), Run(1000.0, 100.0, 2.11)])
    >>> found.by_parameters[0].fixed, [round(y, 3) for _, y in found.by_parameters[0].points[:: POINTS - 1]]
    (100.0, [3.1, 2.11])
    """
    sizes, read = sorted({run.n for run in runs}), sorted({run.tokens for run in runs})
    n, tokens = (np.geomspace(values[0], values[-1], POINTS) for values in (sizes, read))
    by_n = [Curve(d, _points(n, law.loss(n, d))) for d in _thinned(read)]
    by_d = [Curve(x, _points(tokens, law.loss(x, tokens))) for x in _thinned(sizes)]
    by_c = [Curve(c.fixed, [(FLOPS * c.fixed * x, y) for x, y in c.points]) for c in by_d]
    budgets = np.geomspace(FLOPS * n[0] * tokens[0], FLOPS * n[-1] * tokens[-1], POINTS)
    best = [(float(c), float(law.loss(*law.best_split(c)))) for c in budgets] if law.splits else []
    return Curves(by_n, by_d, by_c, best)


def residuals(law: Law, runs: Sequence[Run]) -> list[Residual]:
    """Each run's place and how far it is off."""
    return [Residual(run.n, run.tokens, run.loss / float(law.loss(run.n, run.tokens)) - 1) for run in runs]


def published(low: float, high: float) -> dict[str, list[tuple[float, float]]]:
    """(C, N_opt) of each published law from ``low`` to ``high`` operations.

    Kaplan's is their N_opt = N_e·C^0.73 in petaflop-days (2020, table 6), which counts no embeddings; the two others
    follow from the constants of their joint laws.
    """
    budgets = np.geomspace(low, high, POINTS)
    found = {name: [(float(c), law.best_split(c)[0]) for c in budgets] for name, law in PUBLISHED.items()}
    kaplan = KAPLAN_AT_ONE * (budgets / PETAFLOP_DAY) ** KAPLAN_SPLIT
    return {"kaplan": _points(budgets, kaplan)} | found


def _points(x: np.ndarray, y: np.ndarray) -> list[tuple[float, float]]:
    return [(float(a), float(b)) for a, b in zip(x, y, strict=True)]


def _thinned(values: Sequence[float]) -> list[float]:
    """At most ``MOST_CURVES`` of them, the first and the last always."""
    if len(values) <= MOST_CURVES:
        return list(values)
    return [values[i] for i in np.linspace(0, len(values) - 1, MOST_CURVES).round().astype(int)]
