"""The softmax itself: how temperature bends one distribution, and how much of it top-p keeps.

A softmax at temperature T gives token i the probability e^(logit_i / T) / Σ e^(logit_j / T) (Ackley, Hinton &
Sejnowski 1985, equation 2; as a way to sample text, Ficler & Goldberg 2017, section 3). T = 0 is its limit: all
probability on the largest logit (of equal ones the lowest id, as greedy search takes). V = vocab_size, G =
temperatures, K = rows, R = ranks, N = positions, S = shares. All sums are in float64.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from gptviz.decoding import filters
from gptviz.numbers import Doubles, softmax, top_ids, weigh
from gptviz.tokens.labels import hex_bytes
from gptviz.views.distribution import token_label
from gptviz.views.sources import Floats, TokenizerLike

Array = npt.NDArray[np.float32]
#: 0, 0.05 … 5: the steps of the slider. Whatever is shown at a temperature was computed at exactly that one.
TEMPERATURES = tuple(round(step * 0.05, 2) for step in range(101))
#: 0.01 … 1: the steps of top-p.
SHARES = tuple(round(step * 0.01, 2) for step in range(1, 101))


class SoftmaxRow(NamedTuple):
    """A token with a bar of its own."""

    id: int
    label: str
    bytes: str  # hex
    logit: float


class SoftmaxView(NamedTuple):
    """One distribution at every temperature of a grid."""

    vocab_size: int
    temperatures: tuple[float, ...]  # (G,)
    rows: tuple[SoftmaxRow, ...]  # (K,) by falling logit, which is the order at every temperature
    probs: Doubles  # (G, K)
    tail: Doubles  # (G,) all other tokens together
    entropy: Doubles  # (G,) bits
    ranks: npt.NDArray[np.int64]  # (R,) from 1 to V, evenly spaced on a log axis
    curve: Doubles  # (G, R) log10 of the probability of the token of that rank; −∞ where it is 0

    def at(self, temperature: float) -> int:
        """The place of the grid's temperature that is nearest."""
        return int(np.abs(np.asarray(self.temperatures) - temperature).argmin())

    @property
    def effective(self) -> Doubles:
        """(G,) 2^entropy: as uncertain as among so many equally likely tokens."""
        return np.asarray(2.0**self.entropy)


class NucleusView(NamedTuple):
    """How many tokens top-p keeps after each token of a text."""

    labels: tuple[str, ...]  # (N,)
    vocab_size: int
    temperature: float
    shares: tuple[float, ...]  # (S,)
    counts: npt.NDArray[np.int64]  # (N, S)


def sweep(logits: Floats, tokenizer: TokenizerLike, *, top: int = 20, points: int = 120,
          temperatures: Sequence[float] = TEMPERATURES) -> SoftmaxView:  # fmt: skip
    """``logits`` (V,) at every temperature, the ``top`` tokens one by one and the others together.

    ``points`` is the largest number of ranks on the curve: all of the first, then ever fewer.
    """
    values = np.asarray(logits, dtype=np.float64)
    size = _tokens(values)
    ids = top_ids(np.asarray(logits), min(top, size))
    order = -np.sort(-values)[:size]  # (V,) falling; the sums do not depend on who stands where
    ranks = _ranks(size, points)
    places = len(temperatures)
    probs, tail = np.zeros((places, len(ids))), np.zeros(places)
    entropy, curve = np.zeros(places), np.full((places, len(ranks)), -np.inf)
    for place, temperature in enumerate(temperatures):
        if temperature == 0:
            probs[place, 0], curve[place, 0] = 1.0, 0.0
            continue
        row = weigh(order, temperature)
        probs[place], tail[place] = row.exp[: len(ids)] / row.total, row.exp[len(ids) :].sum() / row.total
        entropy[place] = row.entropy
        curve[place] = (row.shifted[ranks - 1] - row.log_total) / math.log(10)
    rows = tuple(
        SoftmaxRow(i, token_label(tokenizer, i), hex_bytes(_bytes(tokenizer, i)), float(values[i]))
        for i in ids.tolist()
    )
    return SoftmaxView(size, tuple(temperatures), rows, probs, tail, entropy, ranks, curve)


def at_temperature(logits: Floats, temperature: float) -> Doubles:
    """(V,) probabilities in float64; at 0 one of them is 1."""
    if temperature == 0:
        out = np.zeros(len(logits))
        out[int(np.argmax(logits))] = 1.0
        return out
    return weigh(logits, temperature).probs


def kept_by_top_p(logits: Array, temperature: float = 1.0, shares: Sequence[float] = SHARES) -> npt.NDArray[np.int64]:
    """(S,) how many tokens top-p keeps of ``logits`` (V,) after the temperature, for each share p.

    The same sums in the same order as ``decoding.filters.TopP``, done once for all shares.
    """
    probs = softmax(filters.Temperature(temperature)(np.asarray(logits, dtype=np.float32)))
    mass = np.cumsum(np.sort(probs[probs > 0]), dtype=np.float64).astype(np.float32)  # from the least likely up
    limits = np.asarray([np.float32(1 - share) for share in shares])
    cut = np.searchsorted(mass, limits, side="right")
    return np.maximum(1, len(mass) - cut).astype(np.int64)


def nucleus(rows: Sequence[Array], labels: Sequence[str], *, temperature: float = 1.0,
            shares: Sequence[float] = SHARES) -> NucleusView:  # fmt: skip
    """For each row of logits (V,), after the token of that label: how many tokens each share keeps."""
    counts = [kept_by_top_p(row, temperature, shares) for row in rows]
    size = _tokens(rows[0]) if len(rows) else 0
    table = np.asarray(counts, dtype=np.int64).reshape(len(counts), len(shares))
    return NucleusView(tuple(labels), size, temperature, tuple(shares), table)


def _tokens(logits: Floats) -> int:
    """How many of (V,) are tokens: what only pads the vocabulary has a logit of -inf."""
    return int(np.count_nonzero(logits > -np.inf))


def _ranks(size: int, points: int) -> npt.NDArray[np.int64]:
    """At most ``points`` whole numbers from 1 to ``size``, both among them, evenly spaced on a log axis."""
    spaced = np.geomspace(1, size, num=max(2, min(points, size)))
    return np.unique(np.round(spaced).astype(np.int64))


def _bytes(tokenizer: TokenizerLike, token: int) -> bytes:
    return tokenizer.token_bytes(token) if token < tokenizer.vocab_size else b""
