"""Checks of what a user may set, shared by filters, strategies and the stepper; each raises DecodingError."""

from __future__ import annotations

import math
import operator
import reprlib
from typing import Any

from gptviz.errors import DecodingError
from gptviz.numbers import is_finite

_SHOWN = 80  # characters of a wrong value in an error sentence


def number(
    name: str, value: Any, *, low: float, high: float = math.inf, above: bool = False, below: bool = False
) -> float:
    """``value`` as a float, where it is a finite number from ``low`` to ``high``.

    ``above``: greater than ``low``; ``below``: less than ``high``.
    """
    if not is_finite(value) or not math.isfinite(_float(value)):
        raise DecodingError("decoding.number", name=name, value=shown(value))
    given = _float(value)
    if above and given <= low:
        raise DecodingError("decoding.above", name=name, value=shown(given), low=_plain(low))
    if below and given >= high:
        raise DecodingError("decoding.below", name=name, value=shown(given), high=_plain(high))
    if not low <= given <= high:
        key = "decoding.range" if math.isfinite(high) else "decoding.at_least"
        raise DecodingError(key, name=name, value=shown(given), low=_plain(low), high=_plain(high))
    return given


def whole(name: str, value: Any, *, low: int, high: int | None = None) -> int:
    """``value`` as an int, where it is a whole number (not 5.0, not True) from ``low`` to ``high``."""
    try:
        given = operator.index(value)
    except TypeError:
        given = None
    if given is None or isinstance(value, bool):
        raise DecodingError("decoding.whole", name=name, value=shown(value))
    if high is not None and not low <= given <= high:
        raise DecodingError("decoding.range", name=name, value=shown(given), low=low, high=high)
    if given < low:
        raise DecodingError("decoding.at_least", name=name, value=shown(given), low=low)
    return given


def shown(value: Any) -> str:
    """``value`` as an error sentence shows it: short, however large it is."""
    try:
        text = reprlib.repr(value)
        return text if len(text) <= _SHOWN else text[:_SHOWN] + "…"
    except ValueError:  # an int of more digits than Python writes out
        return f"{type(value).__name__}(…)"


def _float(value: Any) -> float:
    try:
        return float(value)
    except OverflowError:  # an int with more than 308 digits
        return math.inf


def _plain(value: float) -> str:
    return f"{value:g}"
