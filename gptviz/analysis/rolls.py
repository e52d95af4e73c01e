"""Rolling the die: tokens drawn many times over, and how near their shares come to the probabilities.

*Distance* is the total variation ½ Σ |share_i − p_i|: the largest difference that the two can have about any event
(Levin & Peres 2017, proposition 4.2). It falls as 1/√n once every token that matters has been seen.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from gptviz.decoding import cumulative
from gptviz.numbers import Doubles, Floats

Counts = npt.NDArray[np.int64]
MOST = 100_000  # rolls of one die
#: After so many rolls the distance is noted: sixteen times in each power of ten.
CHECKS = tuple(sorted({round(10 ** (step / 16)) for step in range(81)}))


class Check(NamedTuple):
    """The distance after ``n`` rolls, and its mean over all series of so many; ``shown`` counts the others as one."""

    n: int
    shown: float
    shown_expected: float
    all: float
    all_expected: float


class RollsView(NamedTuple):
    """Where a series of rolls stands."""

    n: int  # rolls so far
    seed: int
    counts: tuple[int, ...]  # of the tokens shown
    others: int  # of all other tokens together
    distinct: int  # tokens seen
    now: Check | None  # None before the first roll
    checks: tuple[Check, ...]  # at each of CHECKS so far
    last: int | None  # id rolled last
    last_u: float | None  # the uniform number it came from


class Rolls:
    """A die with the faces ``probs`` (V,), rolled from a seed; ``shown`` are the ids with a bar of their own.

    Roll i uses the uniform number ``decoding.uniform_at(seed, i)`` and takes the token that ``decoding.draw`` takes.
    """

    def __init__(self, probs: Floats, seed: int, shown: Sequence[int]) -> None:
        self.probs: Doubles = np.asarray(probs, dtype=np.float64) / float(np.sum(probs, dtype=np.float64))
        self.seed, self.shown = seed, np.asarray(shown, dtype=np.int64)
        self.n = 0
        self.counts: Counts = np.zeros(len(self.probs), dtype=np.int64)
        self.checks: list[Check] = []
        self.last: int | None = None
        self.last_u: float | None = None
        self._bars = self._grouped(self.probs)
        self._order, self._edges = cumulative(self.probs)
        self._random = np.random.Generator(np.random.PCG64(seed))

    def roll(self, times: int) -> None:
        """Roll so many times more, at most up to MOST in all, noting the distance on the way."""
        goal = min(MOST, self.n + max(0, times))
        while self.n < goal:
            stop = min(goal, next((check for check in CHECKS if check > self.n), MOST))
            u = self._random.random(stop - self.n)
            ids = self._order[np.searchsorted(self._edges, u, side="right") - 1]
            self.counts += np.bincount(ids, minlength=len(self.counts))
            self.n, self.last, self.last_u = stop, int(ids[-1]), float(u[-1])
            if stop in _CHECKS:
                self.checks.append(self.check())

    def check(self) -> Check:
        """The distances now; n must be above 0."""
        bars = self._grouped(self.counts)
        return Check(
            n=self.n,
            shown=distance(bars, self._bars), shown_expected=expected_distance(self._bars, self.n),
            all=distance(self.counts, self.probs), all_expected=expected_distance(self.probs, self.n),
        )  # fmt: skip

    def view(self) -> RollsView:
        """The counts so far, and the distances."""
        shown = self.counts[self.shown]
        noted = self.checks[-1] if self.checks else None
        now = noted if noted is None or noted.n == self.n else self.check()
        return RollsView(
            n=self.n, seed=self.seed, counts=tuple(shown.tolist()), others=self.n - int(shown.sum()),
            distinct=int(np.count_nonzero(self.counts)), now=now, checks=tuple(self.checks), last=self.last,
            last_u=self.last_u,
        )  # fmt: skip

    def limit(self) -> float:
        """c of ``limit_coefficient`` for the bars shown."""
        return limit_coefficient(self._bars)

    def _grouped(self, values: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """(K + 1,) the values of the tokens shown, then the sum of all others."""
        rest = values.copy()
        rest[self.shown] = 0
        return np.append(values[self.shown], rest.sum())


def distance(counts: Counts, probs: Doubles) -> float:
    """Total variation between the shares ``counts / n`` and ``probs``, both (V,); n must be above 0."""
    return 0.5 * float(np.abs(counts / int(counts.sum()) - probs).sum())


def expected_distance(probs: Doubles, n: int) -> float:
    """The mean of ``distance`` over all series of ``n`` rolls, exactly.

    Half the sum of the tokens' mean absolute deviations. For a binomial that is De Moivre's closed form (1730; Diaconis
    & Zabell 1991, equation 1.1): E|X − np| = 2 k C(n, k) p^k (1 − p)^(n − k + 1), with k = ⌊np⌋ + 1.
    """
    rare = probs * n < 1  # k = 1: what is left is p (1 − p)^n, without the logarithms of factorials
    p = probs[~rare & (probs < 1)]
    k = np.minimum(np.floor(n * p).astype(np.int64) + 1, n)
    logs = _log_factorials()
    log_mean = np.log(k) + logs[n] - logs[k] - logs[n - k] + k * np.log(p) + (n - k + 1) * np.log1p(-p)
    return float((probs[rare] * np.exp(n * np.log1p(-probs[rare]))).sum() + np.exp(log_mean).sum() / n)


def limit_coefficient(probs: Doubles) -> float:
    """c such that the expected distance tends to c/√n: ½ Σ √(2 p (1 − p) / π), by the normal limit of each count."""
    return 0.5 * float(np.sqrt(2 * probs * (1 - probs) / math.pi).sum())


@lru_cache(maxsize=1)
def _log_factorials() -> Doubles:
    """(MOST + 1,) ln 0!, ln 1!, …"""
    return np.concatenate(([0.0], np.cumsum(np.log(np.arange(1, MOST + 1, dtype=np.float64)))))


_CHECKS = frozenset(CHECKS)
