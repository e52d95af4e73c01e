"""The head alone: the model stays as it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from gptviz.tuning.method import Method, freeze
from gptviz.tuning.trunk import Trunk


@dataclass(frozen=True)
class Head(Method):
    """What the model says of a text already is weighed anew for the task (a linear probe, Alain & Bengio 2016)."""

    name: ClassVar[str] = "head"
    learning_rate: ClassVar[float] = 1e-3

    def prepare(self, trunk: Trunk) -> None:
        freeze(trunk)
