"""The arithmetic of distributions, told once: softmax, logarithms of it, entropy, surprisal, ranks.

Pure numpy. Every softmax takes the largest logit off first, so that nothing overflows; -inf (a token that was cut) is a
probability of 0. What only measures or shows works in float64. ``softmax`` and ``log_softmax`` keep the precision of
what they are given, because the filters must round exactly as transformers' do, in float32. *Nats* are natural
logarithms, *bits* binary ones: 1 bit = ``BIT`` nats. Among equal values the lower index comes first, everywhere.
V = vocab_size.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from numbers import Integral, Real
from typing import Any, TypeGuard, TypeVar

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.floating[Any]]
Doubles = npt.NDArray[np.float64]
Ids = npt.NDArray[np.int64]
_Float = TypeVar("_Float", bound=np.floating[Any])

BIT = math.log(2)  # nats
_LARGEST_EXPONENT = 700.0  # e**709 is the largest float
_LOW_HALF = np.uint64(0xFFFFFFFF)


def is_finite(value: Any) -> TypeGuard[float]:
    """Whether ``value``, which may come from anywhere, is a number: no truth value, NaN or infinity.

    A whole number may be larger than any float, and is one.

    >>> [is_finite(value) for value in (0.5, -3, 10**400, True, "1", None, math.nan, math.inf)]
    [True, True, True, False, False, False, False, False]
    """
    if isinstance(value, bool) or not isinstance(value, Real):
        return False
    return isinstance(value, Integral) or math.isfinite(value)


def softmax(logits: npt.NDArray[_Float]) -> npt.NDArray[_Float]:
    """(..., V) logits → probabilities along the last axis, in the precision of ``logits``.

    >>> softmax(np.log([1.0, 2.0, 1.0])).tolist()
    [0.25, 0.5, 0.25]
    """
    exp = np.exp(_below_largest(logits))
    probs: npt.NDArray[_Float] = exp / exp.sum(-1, keepdims=True)
    return probs


def log_softmax(logits: npt.NDArray[_Float]) -> npt.NDArray[_Float]:
    """(..., V) logits → log-probabilities in nats, exact where a probability itself would be rounded to 0."""
    shifted = _below_largest(logits)
    logprobs: npt.NDArray[_Float] = shifted - np.log(np.exp(shifted).sum(-1, keepdims=True))
    return logprobs


def _below_largest(logits: npt.NDArray[_Float]) -> npt.NDArray[_Float]:
    """How far each lies below the largest; what is further than a number of that width can say is -inf."""
    with np.errstate(over="ignore"):
        distance: npt.NDArray[_Float] = logits - logits.max(-1, keepdims=True)
    return distance


def log_sum_exp(logits: Floats) -> float:
    """ln Σ e^logit of (V,): the logit of one token as likely as all of them together. -inf where there are none."""
    values = np.asarray(logits, dtype=np.float64)
    if not len(values) or values.max() == -np.inf:
        return -math.inf
    largest = float(values.max())
    return largest + math.log(float(np.exp(values - largest).sum()))


def logprobs_of(logits: Floats, ids: npt.ArrayLike) -> Doubles:
    """(n,) log-probability in nats of token ``ids[i]`` under the softmax of ``logits[i]``, (n, V).

    Exponentials in the precision of ``logits``, which is that of the model; their sum in float64.
    """
    chosen = np.asarray(ids, dtype=np.int64)  # (n,)
    largest = logits.max(-1, keepdims=True)
    mass = np.exp(logits - largest).sum(-1, dtype=np.float64)
    own = logits[np.arange(len(chosen)), chosen].astype(np.float64)
    found: Doubles = own - largest[:, 0] - np.log(mass)
    return found


def logprob_of(logits: Floats, token: int) -> float:
    """The same of one row (V,): nats."""
    return float(logprobs_of(logits[None], [token])[0])


@dataclass(frozen=True, eq=False)
class Weighed:
    """One row of logits before it is divided: what its probabilities, logarithms and entropy are all made of."""

    shifted: Doubles  # (V,) logits / temperature less the largest: from 0 down
    exp: Doubles  # (V,) e^shifted
    total: float  # their sum

    def logprob(self, token: int) -> float:
        """Nats, of one token."""
        return float(self.shifted[token]) - self.log_total

    @property
    def log_total(self) -> float:
        """Nats: what all log-probabilities have in common."""
        return math.log(self.total)

    @property
    def probs(self) -> Doubles:
        """(V,) probabilities."""
        return np.asarray(self.exp / self.total)

    @property
    def entropy(self) -> float:
        """Bits: ln Σe^x − Σ p x, which needs no logarithm for each token."""
        cut = self.shifted.min() == -np.inf  # 0 · ∞ counts as 0, as p ln p does
        finite = np.where(self.exp > 0, self.shifted, 0.0) if cut else self.shifted
        return max(0.0, (self.log_total - float(self.exp @ finite) / self.total) / BIT)


def weigh(logits: Floats, temperature: float = 1.0) -> Weighed:
    """The softmax of (V,) ``logits`` at a ``temperature`` above 0, in float64."""
    values = np.asarray(logits, dtype=np.float64)
    shifted = values - values.max()
    if temperature != 1.0:
        shifted /= temperature
    exp = np.exp(shifted)
    return Weighed(shifted, exp, float(exp.sum()))


def entropy_bits(probs: Floats) -> float:
    """−Σ p log2 p in bits (Shannon 1948, section 6), over the tokens of (V,) with p > 0."""
    p = np.asarray(probs, dtype=np.float64)
    p = p[p > 0]
    return max(0.0, -float((p * np.log(p)).sum()) / BIT)


def entropy_nats(logprobs: npt.NDArray[_Float]) -> _Float:
    """−Σ p ln p in nats, of (V,) finite log-probabilities, in their precision: as the filters of transformers do."""
    entropy: _Float = -(logprobs * np.exp(logprobs)).sum()
    return entropy


def relative_entropy(logp: Doubles, logq: Doubles) -> Doubles:
    """Σ p (ln p − ln q) along the last axis, in nats: what it costs to expect q where p is true.

    Kullback & Leibler 1951. Both are finite log-probabilities (..., V).
    """
    return np.asarray((np.exp(logp) * (logp - logq)).sum(-1))


def probs_of(logprobs: npt.ArrayLike) -> Doubles:
    """e^x of each log-probability (nats)."""
    return np.exp(np.asarray(logprobs, dtype=np.float64))


def bits(logprob: float) -> float:
    """Surprisal in bits of what has the log-probability ``logprob`` (nats); never −0.0.

    >>> bits(math.log(0.25)), str(bits(0.0))
    (2.0, '0.0')
    """
    return max(0.0, -logprob / BIT)


def perplexity(mean_logprob: float) -> float:
    """e^−mean (Jelinek et al. 1977): as uncertain as among so many equal choices; ``mean_logprob`` in nats per token.

    Kept below the largest float.
    """
    return math.exp(min(-mean_logprob, _LARGEST_EXPONENT))


def rank_of(values: npt.NDArray[Any], index: int) -> int:
    """The place of ``index`` among ``values`` (V,) by falling value: 1 for the largest.

    >>> rank_of(np.array([0.2, 0.5, 0.2]), 2)
    3
    """
    own = values[index]
    return 1 + int(np.count_nonzero(values > own)) + int(np.count_nonzero(values[:index] == own))


def top_ids(values: Floats, count: int) -> Ids:
    """(count,) indices of the largest ``values`` (V,) above -inf, or of all those, by falling value; no NaN.

    >>> top_ids(np.array([0.2, 0.5, 0.2, 0.1]), 2).tolist()
    [1, 0]
    >>> top_ids(np.array([0.2, -np.inf, 0.5]), 3).tolist()
    [2, 0]
    """
    size = len(values)
    if count <= 0 or not size:
        return np.empty(0, dtype=np.int64)
    if count >= size:
        best = descending(values)
    else:
        enough = np.flatnonzero(values >= _below_the_largest(values, count))
        best = enough[descending(values[enough])][:count]
    return best if values[best[-1]] > -np.inf else best[values[best] > -np.inf]


def _below_the_largest(values: Floats, count: int) -> Any:
    """A value that at least ``count`` of ``values`` (V,) reach, and of a large V few others: 0 < count < V.

    The values are cut into blocks. Of the blocks' largest values the one of rank ``count`` is reached in ``count``
    blocks, so by that many values: a twentieth of the time of a partition, and this runs with every picture.
    """
    size, width = len(values), 64
    n_blocks = size // width
    if n_blocks < 4 * count:
        return np.partition(values, size - count)[size - count]
    largest = values[: n_blocks * width].reshape(n_blocks, width).max(axis=1)  # the rest can only add to them
    return np.partition(largest, n_blocks - count)[n_blocks - count]


def descending(values: Floats) -> Ids:
    """Indices that sort ``values`` (n,) from high to low; no NaN."""
    return ascending(-values)


def ascending(values: Floats) -> Ids:
    """Indices that sort ``values`` (n,) from low to high; no NaN.

    A stable sort. For float32 the value's bits and the index are packed into one integer each, since sorting integers
    is several times faster than a stable sort of floats: this runs once per token generated, over the vocabulary.
    """
    if values.dtype != np.float32:
        return np.argsort(values, kind="stable")
    raw = (values + np.float32(0)).view(np.uint32)  # + 0: -0.0 becomes 0.0, to which it is equal
    # IEEE 754 floats order as integers do once the sign is dealt with: negative ones reversed, below the others.
    key = np.where(raw >> np.uint32(31), ~raw, raw | np.uint32(0x80000000)).astype(np.uint64)
    packed = (key << np.uint64(32)) | np.arange(len(values), dtype=np.uint64)
    packed.sort()
    return (packed & _LOW_HALF).astype(np.int64)
