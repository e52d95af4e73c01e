"""Text known by heart: beginnings of well-known lines, and whether a model goes on with them word for word.

The lines (``assets/evaluation/lines.toml``) are openings, verses and proverbs that anybody may quote, one short line
each. Beside each stands one that was made by exchanging words: nobody has read it anywhere, so a model that completes
both would be completing language, not remembering. *Verbatim* is each token of the rest being the likeliest given all
before it, which is the same as greedy decoding writing it (Carlini et al. 2023, "Quantifying Memorization Across
Neural Language Models", section 3, call this extractable by its context).
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np

from gptviz.errors import PromptError
from gptviz.language_model import LanguageModel
from gptviz.paths import ASSETS

FILE = ASSETS / "evaluation" / "lines.toml"


class Line(NamedTuple):
    """What is given and what follows."""

    begin: str
    rest: str
    known: bool  # else made by exchanging words


class Recited(NamedTuple):
    """How a model takes the rest of a line."""

    line: Line
    tokens: int  # of the rest
    verbatim: int  # of them, from its beginning, greedy decoding writes
    bits: float  # a token of the rest, on average

    @property
    def whole(self) -> bool:
        """Whether it is written word for word to its end."""
        return self.verbatim == self.tokens


class Run(NamedTuple):
    """``start : stop`` of the tokens of a text: written word for word by greedy decoding after those before it."""

    start: int
    stop: int


@lru_cache(maxsize=1)
def read_lines(path: Path = FILE) -> dict[str, tuple[Line, ...]]:
    """By language: a list of ``[begin, rest, altered begin, altered rest]``; known ones first, in order."""
    found = {}
    for lang, table in tomllib.loads(path.read_text(encoding="utf-8")).items():
        rows = table["lines"]
        found[lang] = (*(Line(row[0], row[1], True) for row in rows), *(Line(row[2], row[3], False) for row in rows))
    return found


def recited(lm: LanguageModel, lines: Sequence[Line]) -> Iterator[Recited | None]:
    """Each line in order; None of one that the model cannot read, or whose rest is no token of its own."""
    for line in lines:
        try:
            yield recite(lm, line)
        except PromptError:
            yield None


def recite(lm: LanguageModel, line: Line) -> Recited | None:
    """One line: the rest is what comes after the tokens that the beginning alone has, too."""
    begin, whole = lm.ids(line.begin), lm.ids(line.begin + line.rest)
    same = 0
    while same < min(len(begin), len(whole)) and begin[same] == whole[same]:
        same += 1
    if not 0 < same < len(whole):
        return None
    logprobs, ranks = lm.score(np.asarray([whole]), start=same)
    wrong = np.flatnonzero(ranks[0])
    bits = float(-logprobs[0].astype(np.float64).mean() / math.log(2))
    return Recited(line, len(whole) - same, int(wrong[0]) if len(wrong) else len(whole) - same, bits)


def runs(ranks: Sequence[int], first: int = 0) -> tuple[Run, ...]:
    """Stretches of first choices (rank 1), the longest first; ``ranks[0]`` is that of token ``first``.

    >>> runs([5, 1, 1, 2, 1], first=1)
    (Run(start=2, stop=4), Run(start=5, stop=6))
    """
    found, start = [], None
    for pos, rank in enumerate([*ranks, 0], first):
        if rank == 1 and start is None:
            start = pos
        elif rank != 1 and start is not None:
            found.append(Run(start, pos))
            start = None
    return tuple(sorted(found, key=lambda run: (run.start - run.stop, run.start)))
