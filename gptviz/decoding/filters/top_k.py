"""Top-k: so many of the likeliest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from gptviz.decoding.filter import Array, Filter, keep
from gptviz.decoding.parameter import Parameter


@dataclass(frozen=True)
class TopK(Filter):
    """The ``k`` largest logits (Fan et al. 2018, section 5.4), and all that are equal to the smallest of them."""

    k: int
    place: ClassVar[int] = 40
    parameter: ClassVar[Parameter] = Parameter(
        "top_k", "whole", None, low=1, shown=(1, 100), neutral=0, start=50, link="top_k", optional=True, most=1_000_000
    )

    def __call__(self, logits: Array, previous_ids: Sequence[int] = ()) -> Array:
        smallest = len(logits) - min(self.k, len(logits))
        return keep(logits, logits >= np.partition(logits, smallest)[smallest])
