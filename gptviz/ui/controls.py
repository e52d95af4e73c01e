"""One declaration for each control of a page: what it is at first, what it may be, what a link calls it. Pure.

A page's view is a frozen dataclass whose fields are made here. From that one line follow how the browser's word for it
is read, how a link writes and reads it, and whether other pages share it:

>>> from dataclasses import dataclass
>>> @dataclass(frozen=True)
... class View:
...     temperature: float = number(0.8, 0.0, 5.0, query="t", shared=True)
>>> control, = controls(View)
>>> control.name, control.read(9), control.read("warm"), control.parse("1.5")
('temperature', 5.0, None, 1.5)
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from functools import cache
from math import inf
from typing import Any, NamedTuple

from gptviz.decoding.parameter import Parameter
from gptviz.numbers import is_finite
from gptviz.ui.limits import fitting

MOST = 2**53  # beyond it a browser's numbers skip some
_KEY = "control"


class Control(NamedTuple):
    """One control. ``read`` gives what a value from outside means, ``parse`` what a link's text says; None: nothing."""

    name: str
    default: Any
    read: Callable[[Any], Any]
    parse: Callable[[str], Any]
    query: str  # its name in a link
    seldom: bool  # a link names it only where it is not as it was at first
    shared: bool  # it goes with the visitor from page to page
    nullable: bool  # None is a value of it

    def written(self, value: Any) -> str | None:
        """The value as a link says it; None where it does not."""
        if value is None or (self.seldom and value == self.default):
            return None
        if isinstance(value, bool):
            return str(int(value))
        return f"{value:g}" if isinstance(value, float) else str(value)


def setting(parameter: Parameter, *, default: float | None = None, slider: bool = False, **how: Any) -> Any:
    """A setting of a strategy, as its ``Parameter`` says: off at first, unless there is a ``default``.

    ``slider``: no more is asked for than its slider spans, though the engine takes more.
    """
    low, high = parameter.ends if slider else (-inf, inf)

    def read(value: Any) -> float | None:
        found = parameter.nearest(value)
        if found is None:
            return None
        near = min(max(found, low), high)
        return int(near) if parameter.kind == "whole" else float(near)

    first = parameter.idle if default is None else default
    return _field(first if first is None else read(first), read, number_in, **({"query": parameter.link} | how))


def number(default: float, low: float, high: float, *, step: float | None = None, **how: Any) -> Any:
    """A number within bounds, rounded to a multiple of ``step`` where there is one."""

    def read(value: Any) -> float | None:
        found = real(value, low, high)
        return found if found is None or step is None else round(round(found / step) * step, 10)

    return _field(default, read, number_in, **how)


def count(default: int | None, low: int, high: int, **how: Any) -> Any:
    """A whole number within bounds."""
    return _field(default, lambda value: whole(value, low, high), number_in, **how)


def choice(default: str, values: Sequence[str], **how: Any) -> Any:
    """One of a few words."""
    return _field(default, lambda value: value if isinstance(value, str) and value in values else None, str, **how)


def flag(default: bool, **how: Any) -> Any:
    """Yes or no."""
    said = {"0": False, "1": True}
    return _field(default, lambda value: value if isinstance(value, bool) else None, said.get, **how)


def text(default: str, most: int, **how: Any) -> Any:
    """Free text, of which the last characters, so many at most, are read."""
    return _field(default, lambda value: fitting(value, most) if isinstance(value, str) else None, str, **how)


@cache
def controls(view: type) -> tuple[Control, ...]:
    """The controls of a view, in the order of its fields."""
    found = []
    for field in dataclasses.fields(view):
        control: Control = field.metadata[_KEY]
        found.append(control._replace(name=field.name, query=control.query or field.name))
    return tuple(found)


def _field(default: Any, read: Callable[[Any], Any], parse: Callable[[str], Any], *, query: str = "",
           seldom: bool = False, shared: bool = False, nullable: bool = False) -> Any:  # fmt: skip
    control = Control("", default, read, parse, query, seldom, shared, nullable)
    return dataclasses.field(default=default, metadata={_KEY: control})


def whole(value: Any, low: int, high: int) -> int | None:
    """``value`` as a whole number within bounds; None where it is no finite number."""
    return int(min(max(value, low), high)) if is_finite(value) else None


def real(value: Any, low: float, high: float) -> float | None:
    """``value`` as a number within bounds; None where it is no finite number."""
    return float(min(max(value, low), high)) + 0.0 if is_finite(value) else None  # and -0.0 is 0


def number_in(text: str) -> int | float | None:
    """The number that a query parameter says, if it is one."""
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return None
