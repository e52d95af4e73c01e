"""Where lessons lie: ``assets/lessons/<lang>/<NN>-<name>.md``, read once."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from gptviz.i18n import FALLBACK
from gptviz.lessons.lesson import Lesson
from gptviz.lessons.reading import name_of, read_file
from gptviz.paths import ASSETS

FOLDER = ASSETS / "lessons"


@lru_cache(maxsize=32)
def files(lang: str) -> tuple[Path, ...]:
    """The files of a language, in their order."""
    return tuple(sorted((FOLDER / lang).glob("[0-9][0-9]-*.md")))


def names() -> tuple[str, ...]:
    """The lessons that there are, in their order."""
    return tuple(name_of(path) for path in files(FALLBACK))


@lru_cache(maxsize=128)
def lesson(name: str, lang: str) -> Lesson | None:
    """A lesson in a language, else in English; None where there is none of that name."""
    for code in (lang, FALLBACK):
        for path in files(code):
            if name_of(path) == name:
                return read_file(path)
    return None
