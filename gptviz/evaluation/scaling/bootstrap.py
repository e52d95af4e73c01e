"""How sure the law is of its constants: it is fitted again and again to runs drawn anew from those that there are.

The interval of a constant holds the middle 95 % of what these fits say (the percentile bootstrap, Efron & Tibshirani
1993, chapter 13), and the fit to the runs themselves. A and α, like B and β, lean on each other: each alone is wide.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from gptviz.evaluation.scaling.fit import Data, as_law, as_theta, best_starts, check, descend, fit
from gptviz.evaluation.scaling.law import NAMES, Law
from gptviz.evaluation.scaling.runs import Run

LEVEL = 0.95
RESAMPLES = 200
#: Relative: how close to each other two searches for the same law end. No interval is narrower.
CONVERGED = 1e-6
_STARTS = 2  # of the grid, beside the law that is there already
_TRIES = 50


class Fitted(NamedTuple):
    """The law of some runs, and what their resamples say."""

    law: Law
    resampled: tuple[Law, ...]

    def interval(self, name: str) -> tuple[float, float]:
        """The interval of one constant."""
        return interval([getattr(law, name) for law in self.resampled], getattr(self.law, name))

    @property
    def intervals(self) -> dict[str, tuple[float, float]]:
        """Constant → its interval."""
        return {name: self.interval(name) for name in NAMES}

    def predicted(self, n: float, tokens: float) -> tuple[float, float, float]:
        """(loss, low, high) of a run that may not have been made, by the law and its resamples."""
        loss = float(self.law.loss(n, tokens))
        return loss, *interval([float(law.loss(n, tokens)) for law in self.resampled], loss)


def fitted(runs: Sequence[Run], *, resamples: int = RESAMPLES, seed: int = 0) -> Fitted:
    """The law and its resamples; raises ConfigError where the runs cannot tell."""
    law = fit(runs)
    return Fitted(law, tuple(resampled(runs, law, resamples=resamples, seed=seed)))


def resampled(runs: Sequence[Run], law: Law, *, resamples: int = RESAMPLES, seed: int = 0) -> Iterator[Law]:
    """The law of as many runs drawn anew, with replacement, again and again; ``law`` is that of the runs themselves."""
    check(runs)
    data, rng = Data.of(runs), np.random.default_rng(seed)
    for _ in range(resamples):
        drawn = _draw(data, rng)
        yield as_law(descend(drawn, np.array([as_theta(law), *best_starts(drawn, _STARTS)])))


def interval(values: Sequence[float], estimate: float) -> tuple[float, float]:
    """The middle of ``values``, widened to hold ``estimate`` and what two searches may differ by."""
    tail = 50 * (1 - LEVEL)
    low, high = np.percentile([*values, estimate], [tail, 100 - tail]).tolist()
    spare = CONVERGED * abs(estimate)
    return min(low, estimate - spare), max(high, estimate + spare)


def _draw(data: Data, rng: np.random.Generator) -> Data:
    for _ in range(_TRIES):
        drawn = data.drawn(rng.integers(0, len(data.loss), len(data.loss)))
        if drawn.enough:
            return drawn
    return data  # so few that hardly a draw has what it takes
