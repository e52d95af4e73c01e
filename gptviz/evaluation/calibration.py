"""Calibration: of the guesses that a model gives 30 %, are 30 % right? The first guess on a small set of our own.

An item is a beginning whose next word is common knowledge (``assets/evaluation/calibration.toml``). The *first guess*
is the likeliest token, its *confidence* that token's probability. It is right where it begins one of the answers:
a first token is judged, not a whole word. Items that a model cannot read are left out.
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from gptviz.errors import PromptError
from gptviz.evaluation.cloze import right
from gptviz.language_model import LanguageModel
from gptviz.numbers import softmax, top_ids
from gptviz.paths import ASSETS

FILE = ASSETS / "evaluation" / "calibration.toml"
BINS = 5  # of equal width: more would hold a handful each
Z95 = 1.959964  # of a normal distribution, 95 % lie within so many standard deviations


class Item(NamedTuple):
    """A beginning and what may come next."""

    prompt: str
    answers: tuple[str, ...]


class Guess(NamedTuple):
    """The first guess on one item."""

    item: Item
    token: int
    confidence: float
    right: bool


class Interval(NamedTuple):
    """Where a share lies, in all likelihood."""

    low: float
    high: float


class Bin(NamedTuple):
    """The guesses whose confidence lies in (low, high]; those of nothing have no means."""

    low: float
    high: float
    n: int
    right: int
    confidence: float  # mean; nan where there are none
    accuracy: float  # share that is right; nan where there are none
    interval: Interval  # of the accuracy, by Wilson; 0 to 1 where there are none


@lru_cache(maxsize=1)
def read_items(path: Path = FILE) -> dict[str, tuple[Item, ...]]:
    """The items by language: a table of ``prompt = [answers]`` for each."""
    tables = tomllib.loads(path.read_text(encoding="utf-8"))
    return {lang: tuple(Item(prompt, tuple(said)) for prompt, said in table.items()) for lang, table in tables.items()}


def guesses(lm: LanguageModel, items: Sequence[Item]) -> Iterator[Guess | None]:
    """The first guess on each item in order; None of one that the model cannot read."""
    for item in items:
        try:
            reader = lm.prefill(item.prompt)
        except PromptError:
            yield None
            continue
        probs = softmax(reader.logits[0].astype("float64"))
        token = int(top_ids(probs, 1)[0])
        yield Guess(item, token, float(probs[token]), begins(lm.tokenizer.token_bytes(token), item.answers))


def begins(token: bytes, answers: Sequence[str]) -> bool:
    """Whether a token begins one of the answers, or says one whole; blanks alone begin nothing.

    >>> [begins(token, [" Paris"]) for token in (b" Par", b" Paris,", b" Parisian", b" ", b" Lyon")]
    [True, True, False, False, False]
    """
    if not token.strip():
        return False
    return right(token, answers) or any(answer.encode("utf-8").startswith(token) for answer in answers)


def wilson(successes: int, n: int, z: float = Z95) -> Interval:
    """The score interval for a share (Wilson 1927): (p̂ + z²/2n ± z √(p̂(1−p̂)/n + z²/4n²)) / (1 + z²/n).

    It stays within 0 and 1 and is honest where n is small; of nothing (n = 0) it is all there is.

    >>> [round(x, 3) for x in wilson(0, 10)], [round(x, 3) for x in wilson(5, 10)]
    ([0.0, 0.278], [0.237, 0.763])
    """
    if not 0 <= successes <= n:
        raise ValueError(f"{successes} of {n} is no share")
    if n == 0:
        return Interval(0.0, 1.0)
    share, over = successes / n, z * z / n
    middle, reach = share + over / 2, z * math.sqrt(share * (1 - share) / n + over / (4 * n))
    low, high = (middle - reach) / (1 + over), (middle + reach) / (1 + over)
    return Interval(0.0 if successes == 0 else max(0.0, low), 1.0 if successes == n else min(1.0, high))


def binned(given: Sequence[Guess], bins: int = BINS) -> tuple[Bin, ...]:
    """The guesses by confidence in bins of equal width, ((m−1)/M, m/M] (Guo et al. 2017, section 2)."""
    found = []
    for m in range(bins):
        low, high = m / bins, (m + 1) / bins
        inside = [one for one in given if low < one.confidence <= high or (m == 0 and one.confidence == 0.0)]
        n, hits = len(inside), sum(one.right for one in inside)
        mean = sum(one.confidence for one in inside) / n if n else math.nan
        found.append(Bin(low, high, n, hits, mean, hits / n if n else math.nan, wilson(hits, n)))
    return tuple(found)


def calibration_error(given: Sequence[Guess], bins: int = BINS) -> float:
    """Expected calibration error (Guo et al. 2017, eq. 3): Σ over bins of |B|/n · |accuracy(B) − confidence(B)|.

    nan where there are no guesses.
    """
    if not given:
        return math.nan
    return sum(one.n / len(given) * abs(one.accuracy - one.confidence) for one in binned(given, bins) if one.n)
