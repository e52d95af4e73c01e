"""Min-p: what is not too much less likely than the likeliest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from gptviz.decoding.filter import Array, Filter, keep
from gptviz.decoding.parameter import Parameter
from gptviz.numbers import softmax


@dataclass(frozen=True)
class MinP(Filter):
    """Tokens at least ``p`` times as likely as the likeliest (Nguyen et al. 2024, section 3)."""

    p: float
    place: ClassVar[int] = 60
    parameter: ClassVar[Parameter] = Parameter(
        "min_p", "number", None, low=0, high=1, step=0.01, neutral=0, start=0.1, link="min_p", optional=True
    )

    def __call__(self, logits: Array, previous_ids: Sequence[int] = ()) -> Array:
        probs = softmax(logits)
        return keep(logits, probs >= np.float32(self.p) * probs.max())
