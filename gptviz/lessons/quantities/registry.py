"""The register of quantities, and what they share."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Mapping
from typing import NamedTuple, get_type_hints

import numpy as np

from gptviz.errors import LessonError
from gptviz.lessons.lesson import Ask
from gptviz.lessons.moment import Moment
from gptviz.numbers import Floats


class Quantity(NamedTuple):
    """One thing that can be measured, and what it can be asked about."""

    measure: Callable[..., float]
    about: Mapping[str, type]
    needed: frozenset[str]

    @property
    def says(self) -> str:
        """What it measures, in a sentence."""
        return inspect.cleandoc(self.measure.__doc__ or "").split("\n\n")[0].replace("\n", " ")


class NotYetError(Exception):
    """What is asked about is still being measured."""


QUANTITIES: dict[str, Quantity] = {}


def measure(ask: Ask, moment: Moment) -> float:
    """The value at this moment. Raises LessonError where there is nothing to measure, NotYetError."""
    try:
        value = QUANTITIES[ask.name].measure(moment, **ask.about)
    except (IndexError, ValueError) as error:
        if isinstance(error, LessonError):
            raise
        raise LessonError("lesson.unmeasured", name=ask.name) from error
    if not math.isfinite(value):
        raise LessonError("lesson.unmeasured", name=ask.name)
    return float(value)


def quantity(function: Callable[..., float]) -> Callable[..., float]:
    """Register a function of a moment; its other parameters are what it can be asked about."""
    kinds = get_type_hints(function)
    parameters = list(inspect.signature(function).parameters.values())[1:]
    needed = frozenset(p.name for p in parameters if p.default is inspect.Parameter.empty)
    QUANTITIES[function.__name__] = Quantity(function, {p.name: kinds[p.name] for p in parameters}, needed)
    return function


def token_of(moment: Moment, text: str) -> int:
    """The one token that ``text`` is, no start mark before it. Raises LessonError where it is several, or none."""
    ids = moment.lm.tokenizer.encode(text, add_special_tokens=False)
    if len(ids) != 1:
        raise LessonError("lesson.not_one", text=text, count=len(ids))
    return int(ids[0])


def ids_of(moment: Moment) -> tuple[int, ...]:
    """All tokens in the picture. Raises LessonError where there are none."""
    if not moment.ids:
        raise LessonError("lesson.no_text")
    return moment.ids


def logits(moment: Moment, ids: tuple[int, ...] | None = None) -> Floats:
    """(V,) what the model says after the last token of the picture, or of ``ids``, in float64."""
    found: Floats = moment.trace(ids_of(moment) if ids is None else ids).logits_at(-1).astype(np.float64)
    return found


def read(moment: Moment, text: str) -> tuple[int, ...]:
    """Another text's ids, read as the model's tokenizer has it."""
    ids = tuple(moment.lm.tokenizer.encode(text))[: moment.lm.config.block_size]
    if not ids:
        raise LessonError("lesson.no_text")
    return ids
