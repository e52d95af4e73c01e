"""Chance, made visible: one uniform number ``u`` per step, and the token that it points at.

All tokens that are left stand in a row from 0 to 1, each as wide as its probability, the likeliest first (equal ones:
lower id first). The token under ``u`` is drawn. So the draw can be read off a picture, and two strategies given the
same ``u`` (common random numbers) differ only by what they keep.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from gptviz.decoding.parameters import SEED, STEP
from gptviz.errors import DecodingError
from gptviz.numbers import descending


def uniforms(seed: int) -> Iterator[float]:
    """``u`` of step 0, 1, 2, ...: uniform in [0, 1), from PCG64 (O'Neill 2014), the same on every machine.

    Raises DecodingError where ``seed`` is not a whole number from 0 on.
    """
    generator = np.random.Generator(np.random.PCG64(SEED.whole(seed)))
    return iter(generator.random, None)


def uniform_at(seed: int, step: int) -> float:
    """``u`` of one step without drawing those before it: ``list(uniforms(seed))[step]``."""
    return _uniform(SEED.whole(seed), STEP.whole(step))


@lru_cache(maxsize=4096)
def _uniform(seed: int, step: int) -> float:
    bits = np.random.PCG64(seed)
    bits.advance(step)  # one 64-bit number makes one u
    return float(np.random.Generator(bits).random())


def cumulative(probs: npt.NDArray[np.floating[Any]]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]:
    """The bar from 0 to 1: the n tokens of ``probs`` (V,) that can be drawn, likeliest first, and their n + 1 edges.

    Token ``order[i]`` is drawn where ``edges[i] <= u < edges[i + 1]``; ``edges[0]`` is 0, ``edges[n]`` is exactly 1.

    >>> order, edges = cumulative(np.array([0.25, 0.5, 0.0, 0.25]))
    >>> order.tolist(), edges.tolist()
    ([1, 0, 3], [0.0, 0.5, 0.75, 1.0])

    Raises DecodingError where no probability is above 0 or one is not a number.
    """
    possible = np.flatnonzero(probs)  # (n,)
    chosen = probs[possible]
    order = descending(chosen)
    edges = np.zeros(len(order) + 1)
    np.cumsum(chosen[order], dtype=np.float64, out=edges[1:])
    if not (edges[-1] > 0 and np.isfinite(edges[-1])):
        raise DecodingError("decoding.probabilities")
    edges /= edges[-1]  # float32 probabilities sum to 1 only nearly; u may be as near to 1 as it likes
    return possible[order], edges


def draw(probs: npt.NDArray[np.floating[Any]], u: float) -> int:
    """The token under ``u`` on the bar of ``cumulative``: the inverse of the cumulative distribution.

    >>> draw(np.array([0.25, 0.5, 0.0, 0.25]), 0.6)
    0

    Raises DecodingError where ``u`` is not in [0, 1), or as ``cumulative`` does.
    """
    if not 0.0 <= u < 1.0:
        raise DecodingError("decoding.u", value=u)
    order, edges = cumulative(probs)
    return int(order[np.searchsorted(edges, u, side="right") - 1])
