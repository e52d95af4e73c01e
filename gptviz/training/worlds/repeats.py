"""A random passage, and the same again: nothing but looking back tells what comes next, which induction heads do.

No letter stands twice in a passage, so that the place to look at is always just one (Olsson et al. 2022, "In-context
learning and induction heads", has such sequences as the test for these heads).
"""

from __future__ import annotations

import math

import numpy as np

_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_SHORTEST, _LONGEST, _TIMES = 4, 12, 3
_LENGTHS = range(_SHORTEST, _LONGEST + 1)


def _passage_nats(length: int) -> float:
    """ln of how many passages of this length there are: 26 · 25 · 24 · …"""
    return sum(math.log(len(_LETTERS) - place) for place in range(length))


class Repeats:
    """A passage of 4 to 12 different letters, three times, and a newline."""

    name = "repeats"
    alphabet = "".join(sorted("\n" + _LETTERS))
    nats = math.log(len(_LENGTHS)) + sum(map(_passage_nats, _LENGTHS)) / len(_LENGTHS)
    characters = _TIMES * sum(_LENGTHS) / len(_LENGTHS) + 1

    def sample(self, rng: np.random.Generator) -> str:
        """One passage, three times."""
        length = int(rng.integers(_SHORTEST, _LONGEST + 1))
        passage = "".join(_LETTERS[i] for i in rng.permutation(len(_LETTERS))[:length])
        return passage * _TIMES + "\n"

    def log_probability(self, document: str) -> float:
        """That of its length and of the passage."""
        length = (len(document) - 1) // _TIMES
        passage = document[:length]
        known = length in _LENGTHS and len(set(passage)) == length and set(passage) <= set(_LETTERS)
        said = known and document == passage * _TIMES + "\n"
        return -math.log(len(_LENGTHS)) - _passage_nats(length) if said else -math.inf


WORLD = Repeats()
