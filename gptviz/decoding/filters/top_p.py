"""Top-p: the likeliest that hold a share of the probability."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from gptviz.decoding.filter import Array, Filter, keep, left, running_sum
from gptviz.decoding.parameter import Parameter
from gptviz.numbers import ascending, softmax


@dataclass(frozen=True)
class TopP(Filter):
    """The likeliest tokens until they have probability ``p`` together (nucleus sampling; Holtzman et al. 2020, 3.1).

    Computed from the other end, as transformers does: from the least likely up, tokens are cut while their sum is at
    most 1 - p; the likeliest is always kept. Of equal tokens at the boundary the lower ids are cut first (in
    transformers that holds up to 16 tokens; beyond, its sort leaves open which).
    """

    p: float
    place: ClassVar[int] = 50
    parameter: ClassVar[Parameter] = Parameter(
        "top_p", "number", None, low=0, high=1, step=0.01, neutral=1, start=0.9, link="top_p", optional=True
    )

    def __call__(self, logits: Array, previous_ids: Sequence[int] = ()) -> Array:
        ids = left(logits)
        order = ascending(logits[ids])
        mass = running_sum(softmax(logits[ids])[order])
        cut = mass <= np.float32(1 - self.p)
        cut[-1] = False
        kept = np.zeros(len(logits), dtype=bool)
        kept[ids[order[~cut]]] = True
        return keep(logits, kept)
