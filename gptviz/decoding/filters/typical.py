"""Typical: what is about as surprising as expected."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from gptviz.decoding.filter import Array, Filter, keep, left, running_sum
from gptviz.decoding.parameter import Parameter
from gptviz.numbers import ascending, entropy_nats, log_softmax, softmax


@dataclass(frozen=True)
class Typical(Filter):
    """The tokens whose surprisal is nearest to the entropy, until they have probability ``p`` together.

    Locally typical sampling (Meister et al. 2023, equation 9). All tokens as near as the last one needed are kept.
    """

    p: float
    place: ClassVar[int] = 70
    parameter: ClassVar[Parameter] = Parameter(
        "typical_p",
        "number",
        None,
        low=0,
        high=1,
        above=True,
        step=0.01,
        shown=(0.01, 1),
        neutral=1,
        start=0.9,
        link="typical_p",
        optional=True,
    )

    def __call__(self, logits: Array, previous_ids: Sequence[int] = ()) -> Array:
        ids = left(logits)
        logprobs = log_softmax(logits[ids])
        entropy = entropy_nats(logprobs)
        distance = np.abs(-logprobs - entropy)  # (n,)
        order = ascending(distance)
        mass = running_sum(softmax(logits[ids])[order])
        last = min(int((mass < np.float32(self.p)).sum()), len(order) - 1)
        kept = np.zeros(len(logits), dtype=bool)
        kept[ids[distance <= distance[order[last]]]] = True
        return keep(logits, kept)
