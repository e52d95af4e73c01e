"""What a part of the limits page is made of: texts, bars and dots, whatever the experiment. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypedDict

from gptviz.ui.message_types import Told


class Piece(TypedDict):
    """A stretch of a text; ``mark`` says what it is: loop, token, given, known, or nothing."""

    text: str
    mark: str


class TextRow(TypedDict):
    """One text: its name, its pieces, what is said of it."""

    name: str
    pieces: list[Piece]
    number: str


class BarRow(TypedDict):
    """One bar from 0 to ``value``; ``low`` to ``high`` is its interval, ``other`` an outline beside it."""

    word: str
    value: float
    low: float | None
    high: float | None
    other: float | None
    number: str


class Dot(TypedDict):
    """One point of the plot, and from where to where it may lie; ``n`` of what it is the mean of."""

    x: float
    y: float
    low: float
    high: float
    n: int


class Part(Told):
    """One half of an experiment. ``plot`` names its axes; of ``wanted`` records ``done`` are measured."""

    title: str
    small: str
    texts: list[TextRow]
    bars: list[BarRow]
    most: float
    dots: list[Dot]
    plot: str
    columns: list[str]
    rows: list[list[str]]
    done: int
    wanted: int


def piece(text: str, mark: str = "") -> Piece:
    """One stretch."""
    return {"text": text, "mark": mark}


def bar(word: str, value: float, number: str, *, low: float | None = None, high: float | None = None,
        other: float | None = None) -> BarRow:  # fmt: skip
    """One bar."""
    return {"word": word, "value": value, "low": low, "high": high, "other": other, "number": number}


def part(title: str, reading: str, python: str, *, small: str = "", texts: Sequence[TextRow] = (),
         bars: Sequence[BarRow] = (), most: float = 1.0, dots: Sequence[Dot] = (), plot: str = "",
         columns: Sequence[str] = (), rows: Sequence[Sequence[str]] = (), done: int = 0,
         wanted: int = 0) -> Part:  # fmt: skip
    """One half of an experiment; what is left out is not there."""
    return {"title": title, "small": small, "reading": reading, "python": python, "texts": list(texts),
            "bars": list(bars), "most": most, "dots": list(dots), "plot": plot, "columns": list(columns),
            "rows": [list(row) for row in rows], "done": done, "wanted": wanted}  # fmt: skip
