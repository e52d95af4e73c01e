"""The words of codes and names: lists in ``assets/room/<lang>.toml``, one file a language.

A code is four words of one list (English: 1.6e9 codes, Chinese: 4e8), a name a word for how and one for which
animal, so nobody types a name of their own.

>>> plain("Apple, RIVER tiger–cloud"), plain("白云 春天·大海,小河")
('applerivertigercloud', '白云春天大海小河')
"""

from __future__ import annotations

import secrets
import tomllib
from collections.abc import Callable, Container, Sequence
from functools import cache
from itertools import product
from typing import NamedTuple

from gptviz.paths import ASSETS

CODE_WORDS = 4
LONGEST_CODE = 80  # characters of a typed code that are looked at
_FOLDER = ASSETS / "room"
_FALLBACK = "en"


class Words(NamedTuple):
    """The lists of one language, each word once."""

    code: tuple[str, ...]
    first: tuple[str, ...]
    second: tuple[str, ...]


@cache
def words(lang: str) -> Words:
    """The lists of ``lang``; of English where that language has none."""
    path = _FOLDER / f"{lang}.toml"
    if lang not in {file.stem for file in _FOLDER.glob("*.toml")}:
        path = _FOLDER / f"{_FALLBACK}.toml"
    told = tomllib.loads(path.read_text(encoding="utf-8"))
    return Words(*(tuple(dict.fromkeys(told[name].split())) for name in Words._fields))


def code(lang: str, choose: Callable[[Sequence[str]], str] = secrets.choice) -> str:
    """A code as it is shown, its words with spaces between them; by default drawn so that nobody can foretell it."""
    return " ".join(choose(words(lang).code) for _ in range(CODE_WORDS))


def plain(said: str) -> str:
    """What counts of a typed code: its letters, in small ones."""
    return "".join(letter for letter in said[:LONGEST_CODE].casefold() if letter.isalnum())


def name(lang: str, taken: Container[str], choose: Callable[[Sequence[str]], str] = secrets.choice) -> str:
    """A name that nobody in the room has; one with a number where all are taken."""
    lists = words(lang)
    between = "" if lang == "zh" else " "
    for _ in range(20):
        found = f"{choose(lists.first)}{between}{choose(lists.second)}"
        if found not in taken:
            return found
    every = (f"{one}{between}{other}" for one, other in product(lists.first, lists.second))
    first = next((found for found in every if found not in taken), None)
    if first is not None:
        return first
    place = next(n for n in range(2, 10_000) if f"{found} {n}" not in taken)
    return f"{found} {place}"
