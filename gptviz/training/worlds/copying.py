"""A word of chance letters, a bar, and the same word again: half of the text is chance, the other half a copy."""

from __future__ import annotations

import math

import numpy as np

_LETTERS = "abcdefghijklmnop"
_LONGEST = 8


class Copying:
    """``gap|gap`` and a newline: one to eight letters out of sixteen, the same letter as often as it comes."""

    name = "copying"
    alphabet = "\n" + _LETTERS + "|"
    nats = math.log(_LONGEST) + math.log(len(_LETTERS)) * (1 + _LONGEST) / 2
    characters = (1.0 + _LONGEST) + 2

    def sample(self, rng: np.random.Generator) -> str:
        """One word, twice."""
        word = "".join(_LETTERS[i] for i in rng.integers(0, len(_LETTERS), int(rng.integers(1, _LONGEST + 1))))
        return f"{word}|{word}\n"

    def log_probability(self, document: str) -> float:
        """That of its length and of the letters."""
        word = document.partition("|")[0]
        said = 1 <= len(word) <= _LONGEST and set(word) <= set(_LETTERS) and document == f"{word}|{word}\n"
        return -math.log(_LONGEST) - len(word) * math.log(len(_LETTERS)) if said else -math.inf


WORLD = Copying()
