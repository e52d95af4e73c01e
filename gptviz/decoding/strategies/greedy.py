"""Greedy search: always the likeliest token."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from gptviz.decoding.filter import Array, Best, Filter
from gptviz.decoding.strategy import OneByOne


@dataclass(frozen=True)
class Greedy(OneByOne):
    """Always the likeliest token (of equal ones the lowest id)."""

    name: ClassVar[str] = "greedy"
    place: ClassVar[int] = 10

    @property
    def filters(self) -> tuple[Filter, ...]:
        """One: only the best is kept."""
        return (Best(),)

    def choose(self, logits: Array, previous_ids: Sequence[int], u: float) -> tuple[int, float | None]:
        """The largest logit; nothing is drawn."""
        return int(logits.argmax()), None
