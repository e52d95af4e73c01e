"""The law that fits finished runs best, found as Hoffmann et al. 2022 did (section 3.3, appendix D.2) and so that the
search has ended: log L is compared through a log-sum-exp, by Huber's loss of δ = 10⁻³, from a grid of starts.

Two things went wrong in the original, as Besiroglu et al. 2024 found (arXiv 2404.10102): the loss was a mean so small
that the search stopped before its end, and constants were rounded on the way. So residuals are measured in units of δ
here and summed, each search is finished by Gauss-Newton steps on the same loss, and nothing is rounded.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np

from gptviz.errors import ConfigError
from gptviz.evaluation.scaling.law import Law
from gptviz.evaluation.scaling.runs import Run
from gptviz.numbers import Doubles, Ids, softmax

DELTA = 1e-3  # of log L: residuals beyond it count by their size and no more by their square
LEAST_RUNS, LEAST_VALUES = 6, 3  # five constants and one to spare; a power and a floor need three sizes
#: The starts of the search: log A and log B, log E, α and β (Hoffmann et al. 2022, appendix D.2).
LOGS, FLOORS, POWERS = (0.0, 5.0, 10.0, 15.0, 20.0, 25.0), (-1.0, -0.5, 0.0, 0.5, 1.0), (0.0, 0.5, 1.0, 1.5, 2.0)
#: Searches that are gone through: with more of them, laws known beforehand came back no nearer.
DESCENTS = 8
_NUMBERS_AT_ONCE = 2_000_000


@dataclass(frozen=True)
class Data:
    """Runs as columns of natural logarithms, each (n,)."""

    n: Doubles
    tokens: Doubles
    loss: Doubles

    @classmethod
    def of(cls, runs: Sequence[Run]) -> Data:
        """The runs' three numbers."""
        return cls(*np.log(np.array([run[:3] for run in runs], dtype=np.float64).reshape(-1, 3)).T)

    def drawn(self, which: Ids) -> Data:
        """Only the runs ``which``, some of them perhaps more than once."""
        return Data(self.n[which], self.tokens[which], self.loss[which])

    @property
    def enough(self) -> bool:
        """Whether the law's constants can be told from each other at all."""
        values = min(len(np.unique(self.n)), len(np.unique(self.tokens)))
        return len(self.loss) >= LEAST_RUNS and values >= LEAST_VALUES

    def terms(self, theta: Doubles) -> Doubles:
        """(..., 3, n) logarithms of the law's terms, of ``theta`` (..., 5): log A, log B, log E, α, β."""
        a, b, e, alpha, beta = (theta[..., i, None] for i in range(5))
        return np.stack([a - alpha * self.n, b - beta * self.tokens, e + 0 * self.n], axis=-2)

    def residuals(self, theta: Doubles) -> Doubles:
        """(..., n): log of the predicted loss less that of the measured one."""
        found: Doubles = np.logaddexp.reduce(self.terms(theta), axis=-2) - self.loss
        return found

    def slopes(self, theta: Doubles) -> Doubles:
        """(n, 5): how each residual changes with each of ``theta`` (5,)."""
        terms = self.terms(theta)
        share = softmax(terms.T).T  # (3, n), of sum 1
        return np.stack([*share, -share[0] * self.n, -share[1] * self.tokens], axis=-1)


def check(runs: Sequence[Run]) -> None:
    """Raise ConfigError where the runs are too few, or too alike."""
    data = Data.of(runs)
    if not data.enough:
        raise ConfigError("scaling.few", runs=len(runs), sizes=len(np.unique(data.n)),
                          tokens=len(np.unique(data.tokens)), least=LEAST_RUNS, values=LEAST_VALUES)  # fmt: skip


def fit(runs: Sequence[Run]) -> Law:
    """The law of least Huber loss; raises ConfigError where the runs cannot tell.

    All 4,500 starts of the grid are weighed; of the best one for each pair of exponents, the search goes on from those
    that are nearest.
    """
    *_, law = search(runs)
    return law


def search(runs: Sequence[Run]) -> Iterator[Law]:
    """``fit`` in steps that take milliseconds: the best law after each search, the last of them brought to its end."""
    check(runs)
    data = Data.of(runs)
    found: list[Doubles] = []
    for start in best_starts(data, DESCENTS):
        found.append(_descend(data, start))
        yield as_law(min(found, key=lambda theta: cost(data, theta)))
    yield as_law(_finished(data, found))


def descend(data: Data, starts: Doubles) -> Doubles:
    """(5,): the best end of a search from each of ``starts`` (n, 5), brought to its very end."""
    return _finished(data, [_descend(data, start) for start in starts])


def _descend(data: Data, start: Doubles) -> Doubles:
    """Where L-BFGS ends that begins at ``start`` (5,)."""
    from scipy.optimize import minimize  # half a second, which only those wait for who fit

    def objective(theta: Doubles) -> tuple[float, Doubles]:
        residuals = data.residuals(theta) / DELTA
        return float(huber(residuals).sum()), np.clip(residuals, -1, 1) @ data.slopes(theta) / DELTA

    found: Doubles = minimize(objective, start, jac=True, method="L-BFGS-B", options={"maxiter": 500}).x
    return found


def _finished(data: Data, found: Sequence[Doubles]) -> Doubles:
    """The best of some ends after Gauss-Newton steps from the three that are ahead."""
    ahead = sorted(found, key=lambda theta: cost(data, theta))[:3]
    return min((_finish(data, theta) for theta in ahead), key=lambda theta: cost(data, theta))


def cost(data: Data, theta: Doubles) -> float:
    """The summed Huber loss, in units of δ²; infinite where ``theta`` leads nowhere."""
    total = float(huber(data.residuals(theta) / DELTA).sum())
    return total if np.isfinite(total) else np.inf


def huber(residuals: Doubles) -> Doubles:
    """Half the square up to 1, from there on straight (Huber 1964)."""
    size = np.abs(residuals)
    return np.where(size <= 1, 0.5 * size**2, size - 0.5)


def best_starts(data: Data, count: int) -> list[Doubles]:
    """The starts of lowest loss, each (5,) of other exponents."""
    return sorted(grid(data), key=lambda theta: cost(data, theta))[:count]


def grid(data: Data) -> Doubles:
    """(25, 5): of all starts, for each (α, β) that of the lowest loss."""
    best = []
    logs = np.array(list(product(LOGS, LOGS, FLOORS)))
    per_chunk = max(1, _NUMBERS_AT_ONCE // (3 * len(data.loss)))
    for alpha, beta in product(POWERS, POWERS):
        starts = np.column_stack([logs, np.full(len(logs), alpha), np.full(len(logs), beta)])
        chunks = (starts[i : i + per_chunk] for i in range(0, len(starts), per_chunk))
        costs = np.concatenate([huber(data.residuals(chunk) / DELTA).sum(-1) for chunk in chunks])
        best.append(starts[int(np.argmin(costs))])
    return np.array(best)


def as_law(theta: Doubles) -> Law:
    """(log A, log B, log E, α, β) as a law."""
    a, b, e, alpha, beta = theta.tolist()
    A, B, E = np.exp(np.clip([a, b, e], -700, 700)).tolist()
    return Law(A, B, E, alpha, beta)


def as_theta(law: Law) -> Doubles:
    """A law as (5,) log A, log B, log E, α, β."""
    logs = np.log(np.maximum(law[:3], 1e-300))
    return np.array([*logs, law.alpha, law.beta])


def _finish(data: Data, theta: Doubles) -> Doubles:
    """Gauss-Newton steps on the same loss, which end where no digit changes any more."""
    from scipy.optimize import least_squares

    if not np.isfinite(cost(data, theta)):
        return theta
    with np.errstate(
        all="ignore"
    ):  # where hardly any run is left off the line, a quotient on the way may have no value
        found: Doubles = least_squares(
            lambda t: data.residuals(t) / DELTA, theta, jac=lambda t: data.slopes(t) / DELTA, loss="huber", f_scale=1.0,
            x_scale="jac", ftol=1e-15, xtol=1e-15, gtol=1e-15, max_nfev=200,
        ).x  # fmt: skip
    return found if cost(data, found) <= cost(data, theta) else theta
