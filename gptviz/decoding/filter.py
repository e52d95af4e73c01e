"""What all filters share: a pure step between a model's logits and the draw, (logits, ids so far) -> logits.

A filter sets the logits of tokens it cuts to -inf, or changes logits without cutting. Each does what the logits
processor of that name in Hugging Face transformers does, in float32 and in the same order of operations, so ties and
boundaries come out alike. ``logits`` are (V,) float32; what comes in is never written to; at least one token is kept.
Each has its own file in ``filters``; put a further one there, and it is found.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from gptviz.decoding.checks import shown
from gptviz.decoding.parameter import Parameter, Value
from gptviz.errors import DecodingError

Array = npt.NDArray[np.float32]


class Filter(ABC):
    """One step of the chain.

    A new one is a frozen dataclass with one field, its value, that sets ``parameter`` (what the value may be, and all
    that a form, a link, the shell and a recipe need to know of it) and ``place``, and defines ``__call__``.
    """

    parameter: ClassVar[Parameter]
    place: ClassVar[int] = 100  # in the chain, from low to high: the order of transformers' ``generate``
    name: ClassVar[str]  # that of the parameter

    def __init_subclass__(cls) -> None:
        if "parameter" in vars(cls):
            cls.name = cls.parameter.name

    def __post_init__(self) -> None:
        """The value is checked by the parameter. Raises DecodingError."""
        for field in fields(self):  # type: ignore[arg-type]  # those that are made are dataclasses
            value = getattr(self, field.name)
            if value is None:  # off: then there is no filter
                raise DecodingError(f"decoding.{self.parameter.kind}", name=self.name, value=shown(value))
            object.__setattr__(self, field.name, self.parameter.check(value))

    @classmethod
    def of(cls, value: Value) -> Filter:
        """The filter with this value. Raises DecodingError."""
        return cls(value)  # type: ignore[call-arg]  # every filter is a dataclass of one field

    @abstractmethod
    def __call__(self, logits: Array, previous_ids: Sequence[int] = ()) -> Array:
        """New logits (V,), -inf where cut. ``previous_ids``: the prompt and what was generated so far."""


@dataclass(frozen=True)
class Best(Filter):
    """Only the largest logit; of equal ones the lowest id. It has nothing to set: greedy search is made of it."""

    name: ClassVar[str] = "greedy"

    def __call__(self, logits: Array, previous_ids: Sequence[int] = ()) -> Array:
        return only(logits, int(logits.argmax()))


def only(logits: Array, token: int) -> Array:
    """All cut but one."""
    out = np.full_like(logits, -np.inf)
    out[token] = logits[token]
    return out


def keep(logits: Array, kept: npt.NDArray[np.bool_]) -> Array:
    """All cut but those that are ``kept`` (V,)."""
    return np.where(kept, logits, np.float32(-np.inf))


def left(logits: Array) -> npt.NDArray[np.int64]:
    """Ids that no earlier filter has cut: the others hold no probability, and need no sorting."""
    return np.flatnonzero(logits > -np.inf)


def running_sum(probs: Array) -> Array:
    """Sums from the first on, rounded as torch rounds where it adds up float32 on the CPU."""
    return np.cumsum(probs, dtype=np.float64).astype(np.float32)
