"""How many heads can go before it breaks: the loss of a text with ever more of them switched off.

First each head is switched off alone, which says how much this text loses by it (a lower bound: later layers make up
for a part). Then ever more go together, *best first* (in the order of that loss, the least first) and, to compare, in
orders drawn at random. As Michel et al. 2019 ("Are sixteen heads really better than one?"), there by a gradient.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from gptviz import edits
from gptviz.gpt.trace import Trace
from gptviz.language_model import LanguageModel
from gptviz.numbers import BIT

POINTS = 16  # of a curve, beside no head and all of them
ORDERS = 3  # drawn at random

Head = tuple[int, int]  # layer, head


class Alone(NamedTuple):
    """One head switched off by itself; ``bits`` per token then."""

    head: Head
    bits: float


class Gone(NamedTuple):
    """``n_gone`` heads switched off; ``order`` 0 is the best first, those from 1 on were drawn."""

    order: int
    n_gone: int
    bits: float


def mean_bits(trace: Trace) -> float:
    """The loss of a text: bits per token, over all tokens but the first; nan where there is only one."""
    scores = np.asarray(trace.logprobs[1:], dtype=np.float64)
    return float(-scores.mean() / BIT) if len(scores) else float("nan")


def counts(n_heads: int, points: int = POINTS) -> list[int]:
    """How many heads are gone at each point of a curve, from none to all."""
    return sorted({round(n_heads * i / points) for i in range(points + 1)})


def curve(lm: LanguageModel, ids: Sequence[int], *, mode: str = "zero", seed: int = 0) -> Iterator[Alone | Gone]:
    """Every head alone, then the curves point by point: one run for each record."""
    c = lm.config
    heads = [(layer, head) for layer in range(c.n_layer) for head in range(c.n_head)]
    alone: dict[Head, float] = {}
    for one in heads:
        alone[one] = _without(lm, ids, [one], mode)
        yield Alone(one, alone[one])
    rng = np.random.default_rng(seed)
    orders = [sorted(heads, key=lambda one: (alone[one], one))]
    orders += [[heads[i] for i in rng.permutation(len(heads))] for _ in range(ORDERS)]
    for count in counts(len(heads)):
        for which, order in enumerate(orders):
            yield Gone(which, count, _without(lm, ids, order[:count], mode))


def _without(lm: LanguageModel, ids: Sequence[int], gone: Sequence[Head], mode: str) -> float:
    changes = [edits.ablate(layer=layer, head=head, mode=mode) for layer, head in gone]
    return mean_bits(lm.trace(ids, edits=changes))
