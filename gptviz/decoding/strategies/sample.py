"""Sampling: filter the model's distribution, then draw from what is left."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any, ClassVar

from gptviz.decoding.chance import draw
from gptviz.decoding.filter import Array, Filter
from gptviz.decoding.filters import FILTERS
from gptviz.decoding.parameter import Value
from gptviz.decoding.strategy import OneByOne
from gptviz.numbers import softmax


@dataclass(frozen=True)
class Sample(OneByOne):
    """Draw from the model's distribution after the filters that are set, in the order of ``filters``.

    Each setting is that of the filter of its name in ``decoding.filters``, which says what it does and from where it
    comes. Raises DecodingError where one is not what it may be:
    """

    # What can be set, and as what, is said to readers and to type checkers here; bounds and effect by the filters.
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

    @classmethod
    def from_settings(cls, settings: Mapping[str, Any]) -> Sample:
        """The sampling that controls say: numbers only, those that do nothing for what is off; others are ignored.

        >>> Sample.from_settings({"temperature": 1, "top_k": 0, "top_p": 0.9, "seed": 7})
        Sample(temperature=1.0, top_k=None, top_p=0.9, min_p=None, typical_p=None, repetition_penalty=1.0, \
eta_cutoff=None, no_repeat_ngram_size=None)

        Raises DecodingError as ``Sample`` does.
        """
        given = {p: settings[p.name] for p in cls.parameters if settings.get(p.name) is not None}
        values: dict[str, Any] = {p.name: p.value(setting) for p, setting in given.items()}
        return cls(**values)

    def settings(self) -> dict[str, Value]:
        """The reverse: every setting as a number."""
        return {p.name: p.setting(getattr(self, p.name)) for p in self.parameters}

    @cached_property
    def filters(self) -> tuple[Filter, ...]:
        """Those that are on, in the order of transformers' ``generate``."""
        values = {name: getattr(self, name) for name in FILTERS}
        return tuple(make.of(values[name]) for name, make in FILTERS.items() if not make.parameter.is_off(values[name]))

    def choose(self, logits: Array, previous_ids: Sequence[int], u: float) -> tuple[int, float | None]:
        """Filter, then take the token under ``u``."""
        return draw(softmax(self.filtered(logits, previous_ids)), u), u


Sample.parameters = tuple(FILTERS[field.name].parameter for field in fields(Sample))
Sample.__doc__ = f"{Sample.__doc__}\n" + "".join(f"    {p.name:<22} {p.bounds()}\n" for p in Sample.parameters)
