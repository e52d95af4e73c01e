"""Sums of two numbers below a hundred: the question is chance, the answer is not.

Two numbers of ln 100 nats each, and then nothing: a model at the floor adds without a mistake.
"""

from __future__ import annotations

import math

import numpy as np

_BELOW = 100


class Addition:
    """``7+35=42`` and a newline; both numbers even likely."""

    name = "addition"
    alphabet = "\n+0123456789="
    nats = 2 * math.log(_BELOW)
    characters = sum(len(f"{a}+{b}={a + b}\n") for a in range(_BELOW) for b in range(_BELOW)) / _BELOW**2

    def sample(self, rng: np.random.Generator) -> str:
        """One sum."""
        a, b = (int(n) for n in rng.integers(0, _BELOW, 2))
        return f"{a}+{b}={a + b}\n"

    def log_probability(self, document: str) -> float:
        """That of its two numbers, where the sum is right and written as here."""
        a, _, rest = document.partition("+")
        b = rest.partition("=")[0]
        plain = all(n.isascii() and n.isdigit() and n == str(int(n)) and int(n) < _BELOW for n in (a, b))
        return -self.nats if plain and document == f"{a}+{b}={int(a) + int(b)}\n" else -math.inf


WORLD = Addition()
