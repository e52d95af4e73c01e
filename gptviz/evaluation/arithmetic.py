"""Sums by length: a + b with 1 to 5 digits each, after worked examples of that length; right is exactly right.

A prompt is three sums with their results, one a line, then a fourth without (*few-shot*, as in Brown et al. 2020,
section 3.9.1, who ask for sums by the number of digits too). The likeliest tokens are written on until a number is
complete. Which numbers are added follows from the number of digits alone, so that every model gets the same sums.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from gptviz.errors import PromptError
from gptviz.language_model import LanguageModel

LENGTHS = (1, 2, 3, 4, 5)
EACH = 20  # sums of each length
SHOTS = 3
_MOST = 12  # tokens that an answer may take
_NUMBER = re.compile(r"\s*(\d+)")


class Sum(NamedTuple):
    """One sum, and what was said of it (empty: no number)."""

    digits: int
    a: int
    b: int
    said: str

    @property
    def right(self) -> bool:
        """Whether the digits that were written are those of the sum."""
        return self.said == str(self.a + self.b)


def operands(digits: int, n: int) -> list[tuple[int, int]]:
    """``n`` pairs of numbers of exactly so many digits, the same at every call."""
    rng = np.random.default_rng(digits)
    low, high = (1 if digits == 1 else 10 ** (digits - 1)), 10**digits
    return [(int(a), int(b)) for a, b in rng.integers(low, high, size=(n, 2))]


def prompt_of(examples: list[tuple[int, int]], a: int, b: int) -> str:
    """The worked examples, a line each, and the sum that is asked for.

    >>> prompt_of([(2, 3)], 4, 5)
    '2 + 3 = 5\\n4 + 5 ='
    """
    return "".join(f"{x} + {y} = {x + y}\n" for x, y in examples) + f"{a} + {b} ="


def sums(lm: LanguageModel, lengths: tuple[int, ...] = LENGTHS, each: int = EACH) -> Iterator[Sum | None]:
    """All sums, one after another; None of one that the model cannot read."""
    for digits in lengths:
        pairs = operands(digits, each + SHOTS)
        for a, b in pairs[SHOTS:]:
            try:
                yield Sum(digits, a, b, _said(lm, prompt_of(pairs[:SHOTS], a, b)))
            except PromptError:
                yield None


def _said(lm: LanguageModel, prompt: str) -> str:
    """The first number that is written; it ends where something else than a digit follows."""
    reader, written = lm.prefill(prompt), b""
    for _ in range(_MOST):
        token = int(reader.logits[0].argmax())
        piece = lm.tokenizer.token_bytes(token)
        if not piece or token in lm.tokenizer.ends:
            break
        written += piece
        text = written.decode("utf-8", "replace")
        found = _NUMBER.match(text)
        if (found and found.end() < len(text)) or (not found and text.strip()) or reader.full:
            break
        reader.append([token])
    found = _NUMBER.match(written.decode("utf-8", "replace"))
    return found.group(1) if found else ""
