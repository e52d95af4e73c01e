"""Sampling: filter the model's distribution, then draw from what is left."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

from gptviz.decoding import filters
from gptviz.decoding.chance import draw
from gptviz.decoding.filters import Array, Filter
from gptviz.decoding.parameter import Parameter
from gptviz.decoding.strategy import OneByOne
from gptviz.numbers import softmax


@dataclass(frozen=True)
class Sample(OneByOne):
    """Draw from the model's distribution after the filters that are set, in the order of ``filters``.

    temperature            from 0 (the limit: the likeliest) up; 1 is off
    top_k                  whole number from 1; None is off
    top_p, min_p           from 0 to 1; None is off, and so is top_p = 1
    typical_p              above 0, up to 1; None is off, and so is 1
    repetition_penalty     above 0; 1 is off
    eta_cutoff             from 0, below 1; None and 0 are off
    no_repeat_ngram_size   whole number from 0; None and 0 are off

    Raises DecodingError where one is none of these.
    """

    temperature: float = 1.0
    top_k: int | None = None
    top_p: float | None = None
    min_p: float | None = None
    typical_p: float | None = None
    repetition_penalty: float = 1.0
    eta_cutoff: float | None = None
    no_repeat_ngram_size: int | None = None
    name: ClassVar[str] = "sample"
    place: ClassVar[int] = 20
    parameters: ClassVar[tuple[Parameter, ...]] = (
        Parameter("temperature", "number", 1.0, low=0, step=0.05, off=1.0, shown=(0, 2)),
        Parameter("top_k", "whole", None, low=1, shown=(1, 100), optional=True),
        Parameter("top_p", "number", None, low=0, high=1, step=0.01, optional=True),
        Parameter("min_p", "number", None, low=0, high=1, step=0.01, optional=True),
        Parameter("typical_p", "number", None, low=0, high=1, step=0.01, shown=(0.01, 1), above=True, optional=True),
        Parameter("repetition_penalty", "number", 1.0, low=0, step=0.05, off=1.0, shown=(1, 2), above=True),
        Parameter("eta_cutoff", "number", None, low=0, high=1, step=0.0001, shown=(0, 0.01), below=True, optional=True),
        Parameter("no_repeat_ngram_size", "whole", None, low=0, shown=(0, 10), optional=True),
    )

    @cached_property
    def filters(self) -> tuple[Filter, ...]:
        """Those that are on, in the order of transformers' ``generate``."""
        chain: list[Filter] = []
        if self.repetition_penalty != 1:
            chain.append(filters.RepetitionPenalty(self.repetition_penalty))
        if self.no_repeat_ngram_size:
            chain.append(filters.NoRepeatNGram(self.no_repeat_ngram_size))
        if self.temperature != 1:
            chain.append(filters.Temperature(self.temperature))
        if self.top_k is not None:
            chain.append(filters.TopK(self.top_k))
        if self.top_p is not None and self.top_p < 1:
            chain.append(filters.TopP(self.top_p))
        if self.min_p is not None:
            chain.append(filters.MinP(self.min_p))
        if self.typical_p is not None and self.typical_p < 1:
            chain.append(filters.Typical(self.typical_p))
        if self.eta_cutoff:
            chain.append(filters.Eta(self.eta_cutoff))
        return tuple(chain)

    def choose(self, logits: Array, previous_ids: Sequence[int], u: float) -> tuple[int, float | None]:
        """Filter, then take the token under ``u``."""
        return draw(softmax(self.filtered(logits, previous_ids)), u), u
