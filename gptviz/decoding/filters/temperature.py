"""Temperature: sharper or flatter, and nothing cut."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from gptviz.decoding.filter import Array, Filter, only
from gptviz.decoding.parameter import Parameter


@dataclass(frozen=True)
class Temperature(Filter):
    """logits / temperature: below 1 sharper, above 1 flatter; 0 is the limit, where only the largest logit is left."""

    temperature: float
    place: ClassVar[int] = 30
    parameter: ClassVar[Parameter] = Parameter(
        "temperature", "number", 1.0, low=0, step=0.05, off=1.0, shown=(0, 2), start=0.8, link="t", most=5
    )

    def __call__(self, logits: Array, previous_ids: Sequence[int] = ()) -> Array:
        with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
            scaled = logits / self.temperature if self.temperature else logits
        # So cold that the division leaves float32's range: that is the limit too.
        limit = self.temperature == 0 or not np.isfinite(scaled.max())
        return only(logits, int(logits.argmax())) if limit else scaled
