"""JSON from outside, believed only after it has been checked: its size, its encoding, and what stands in it.

A file that somebody else wrote may hold anything: a number that is a text, NaN or a million digits long, a list where
an object belongs, an object nested a thousand deep. ``read_json`` reads a file within bounds, and *rules* say what may
stand where; nothing is built from a file before its rules have been kept. All that can go wrong is a ``FileError``,
whose sentence names the place.

>>> Record({"n_layer": Whole(1, 1000)}, needed=("n_layer",)).check({"n_layer": 12})
>>> Record({"n_layer": Whole(1, 1000)}).check({"n_layer": "12"})
Traceback (most recent call last):
gptviz.errors.FileError: n_layer should be a whole number from 1 to 1000, and it is '12'
"""

from __future__ import annotations

import codecs
import json
import math
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from gptviz.errors import FileError
from gptviz.numbers import is_finite

SMALL, LARGE = 2**20, 2**26  # bytes: a configuration, and a vocabulary with its merges (the largest known: 33 MB)
_SHOWN = 60  # characters of a value in a sentence
_MARKS = {
    codecs.BOM_UTF8: "UTF-8",
    codecs.BOM_UTF32_LE: "UTF-32",
    codecs.BOM_UTF32_BE: "UTF-32",
    codecs.BOM_UTF16_LE: "UTF-16",
    codecs.BOM_UTF16_BE: "UTF-16",
}
_ESCAPED = re.compile(r"\\u[dD][89a-fA-F]")  # half of a character, by number: the only way to it from valid UTF-8
_LONE = re.compile("[\ud800-\udfff]")


class Rule(Protocol):
    """What may stand at a place; ``where`` is its path, such as ``model.vocab``. Raises FileError."""

    def check(self, value: Any, where: str = "") -> None: ...


@dataclass(frozen=True)
class Whole:
    """A whole number; true and false are none, and 12.0 is none either."""

    low: int
    high: int

    def check(self, value: Any, where: str = "") -> None:
        if not isinstance(value, int) or isinstance(value, bool) or not self.low <= value <= self.high:
            raise FileError("file.whole", where=where, low=self.low, high=self.high, value=shown(value))


@dataclass(frozen=True)
class Number:
    """A finite number; ``above``: ``low`` itself is too low."""

    low: float
    high: float
    above: bool = False

    def check(self, value: Any, where: str = "") -> None:
        fits = is_finite(value) and math.isfinite(_real(value)) and self.low <= value <= self.high
        if not fits or (self.above and value == self.low):
            raise FileError("file.number", where=where, low=self.low, high=self.high, value=shown(value))


@dataclass(frozen=True)
class Flag:
    """True or false."""

    def check(self, value: Any, where: str = "") -> None:
        if not isinstance(value, bool):
            raise FileError("file.flag", where=where, value=shown(value))


@dataclass(frozen=True)
class Text:
    """A text of bounded length, without halves of characters unless they are allowed."""

    most: int
    least: int = 0

    def check(self, value: Any, where: str = "") -> None:
        if not isinstance(value, str) or not self.least <= len(value) <= self.most:
            raise FileError("file.text", where=where, most=self.most, value=shown(value))


@dataclass(frozen=True)
class Anything:
    """Whatever JSON can say: a place that nobody reads."""

    def check(self, value: Any, where: str = "") -> None:
        """Nothing is asked."""


@dataclass(frozen=True)
class Either:
    """One of several; the sentence is that of the first. ``None`` in JSON is null."""

    rules: tuple[Rule | None, ...]

    def __init__(self, *rules: Rule | None) -> None:
        object.__setattr__(self, "rules", rules)

    def check(self, value: Any, where: str = "") -> None:
        first: FileError | None = None
        for rule in self.rules:
            try:
                if rule is not None:
                    rule.check(value, where)
                elif value is not None:
                    continue
                return
            except FileError as error:
                first = first or error
        if first is not None:
            raise first


@dataclass(frozen=True)
class Entries:
    """A list, or with ``keys`` an object of any names, of at most ``most`` entries that keep one rule."""

    rule: Rule
    most: int
    keys: Text | None = None

    def check(self, value: Any, where: str = "") -> None:
        kind = list if self.keys is None else dict
        if not isinstance(value, kind) or len(value) > self.most:
            raise FileError("file.entries" if self.keys is None else "file.object", where=where, most=self.most,
                            value=shown(value))  # fmt: skip
        if self._at_once(value):
            return
        for name, entry in enumerate(value) if isinstance(value, list) else value.items():
            if self.keys is not None:
                self.keys.check(name, where)
            try:
                self.rule.check(entry)
            except FileError:  # a place is put into words only where it is needed: a vocabulary has many entries
                self.rule.check(entry, f"{where}[{shown(name)}]")
                raise

    def _at_once(self, value: list[Any] | dict[Any, Any]) -> bool:
        """Whether whole numbers by name are seen to be right together: a vocabulary has fifty thousand."""
        if not (isinstance(self.rule, Whole) and isinstance(self.keys, Text) and isinstance(value, dict) and value):
            return False
        numbers, lengths = value.values(), [*map(len, value)]
        whole = set(map(type, numbers)) == {int} and self.rule.low <= min(numbers) and max(numbers) <= self.rule.high
        return whole and self.keys.least <= min(lengths) and max(lengths) <= self.keys.most


@dataclass(frozen=True)
class Record:
    """An object with names of its own; with ``closed``, no other name may stand there."""

    rules: Mapping[str, Rule]
    needed: Collection[str] = ()
    closed: bool = False
    most: int = field(default=1000)

    def check(self, value: Any, where: str = "") -> None:
        if not isinstance(value, dict) or len(value) > self.most:
            raise FileError("file.object", where=where or "JSON", most=self.most, value=shown(value))
        for name in self.needed:
            if name not in value:
                raise FileError("file.absent", where=_inside(where, name))
        for name, entry in value.items():
            rule = self.rules.get(name)
            if rule is not None:
                rule.check(entry, _inside(where, name))
            elif self.closed:
                raise FileError("file.unknown", where=_inside(where, shown(name)))


def read_json(path: Path, rule: Rule, *, limit: int = SMALL, surrogates: bool = False) -> Any:
    """What ``path`` holds, after ``rule`` has found it good.

    ``surrogates``: lone halves of characters may stand in texts (our own files keep bytes in them). Raises FileError,
    which says nothing of the file's name but where a sentence of its own needs it.
    """
    return read_data(read_text(path, limit=limit, marks=_MARKS), rule, surrogates=surrogates)


def read_data(data: str | bytes, rule: Rule, *, surrogates: bool = False) -> Any:
    """The same of JSON at hand, as a text or in UTF-8."""
    try:
        text = data if isinstance(data, str) else data.decode("utf-8")
        found = json.loads(text, parse_constant=_no_number)
    except RecursionError as error:
        raise FileError("file.deep") from error
    except UnicodeDecodeError as error:
        raise FileError("file.encoding", at=error.start) from error
    except ValueError as error:  # no JSON, or a number of thousands of digits
        raise FileError("file.json", reason=str(error)[:200]) from error
    if not surrogates and _ESCAPED.search(text):
        _whole_characters(found)
    rule.check(found)
    return found


def read_text(path: Path, *, limit: int = LARGE, marks: Mapping[bytes, str] | None = None) -> str:
    """The text in a file, in UTF-8 and at most ``limit`` bytes long, with lines as they are; ``marks``: not first."""
    try:
        with path.open("rb") as file:
            data = file.read(limit + 1)
    except OSError as error:
        raise FileError("file.unreadable", reason=error.strerror or type(error).__name__) from error
    if len(data) > limit:
        raise FileError("file.large", limit=limit // 2**20)
    for mark, encoding in (marks or {}).items():
        if data.startswith(mark):
            raise FileError("file.mark", file=path.name, encoding=encoding)
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise FileError("file.encoding", at=error.start) from error


def shown(value: Any) -> str:
    """A value as a sentence can quote it: short, on one line, and made of whole characters."""
    if isinstance(value, (dict, list)):
        return "{…}" if isinstance(value, dict) else "[…]"
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) >= 10**_SHOWN:
        return f"{'-' if value < 0 else ''}10^{_SHOWN}…"
    text = repr(value)  # which escapes what is not printable
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"


def _inside(where: str, name: str) -> str:
    return f"{where}.{name}" if where else name


def _real(value: float) -> float:
    """As a float; a whole number beyond all floats is infinite."""
    try:
        return float(value)
    except OverflowError:
        return math.inf


def _no_number(name: str) -> Any:
    raise ValueError(f"{name} is no number of JSON")


def _whole_characters(found: Any) -> None:
    """Raise FileError where a text holds half of a character."""
    left = [found]
    while left:
        value = left.pop()
        if isinstance(value, str) and _LONE.search(value):
            raise FileError("file.surrogate", value=shown(value))
        if isinstance(value, dict):
            left += [*value.keys(), *value.values()]
        elif isinstance(value, list):
            left += value
