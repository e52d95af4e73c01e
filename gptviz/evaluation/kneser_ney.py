"""An n-gram model with interpolated modified Kneser-Ney smoothing, in numpy: what a GPT must beat.

Chen and Goodman 1999, section 3 (in the 1998 report: section 3.3, equations 24-26). Vocabulary: an *n-gram* is a
*context* (the n - 1 tokens before) and a *word* (any token); the *adjusted count* of an n-gram is how often it occurs
at the highest order, and below it the number of different tokens that come before it, ``N1+(• context word)``; the
*boundary* is the token between documents, which also fills the contexts that would reach back beyond a beginning.

Nothing is kept in dictionaries. A context is a number, its rank among the contexts of its length, and is made from the
context one token shorter by adding the token further back: ``key = shorter * vocab_size + token``. So contexts of any
length, and n-grams, are sorted arrays of 64-bit keys; counting is sorting, and looking up is binary search. 36 million
tokens take about two minutes and 3 GB on one core.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

Keys = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

#: Where a text is too small for the estimates below (KenLM's ``--discount_fallback``).
FALLBACK = (0.5, 1.0, 1.5)


class Level(NamedTuple):
    """All n-grams of one order."""

    grams: Keys  # (n_grams,) sorted: context * vocab_size + word
    counts: npt.NDArray[np.int32]  # (n_grams,) adjusted counts
    discounts: Floats  # (4,): what is taken off a count of 0 (nothing), 1, 2, and 3 or more
    totals: Floats  # (n_contexts,) sum of the counts after each context
    backoff: Floats  # (n_contexts,) the share left for the order below: equation 25's gamma


class KneserNey:
    """P(word | context), mixed from all orders down to the uniform distribution; it sums to 1 over the vocabulary."""

    def __init__(self, levels: Sequence[Level], contexts: Sequence[Keys], *, vocab_size: int, boundary: int) -> None:
        self.levels = tuple(levels)  # order 1 first
        self.contexts = tuple(contexts)  # contexts[m]: sorted keys of the contexts of m + 1 tokens
        self.vocab_size, self.boundary = vocab_size, boundary

    @classmethod
    def train(cls, ids: npt.NDArray[Any], *, vocab_size: int, boundary: int, order: int = 5) -> KneserNey:
        """Count ``ids`` (N,), documents one after another, each ended by ``boundary`` (an id below ``vocab_size``)."""
        contexts: list[Keys] = []
        context = np.zeros(len(ids), dtype=np.int64)
        for back in _history(ids, boundary, order - 1):
            known, context = np.unique(_keys(context, back, vocab_size), return_inverse=True)
            contexts.append(known)
        grams, counts = np.unique(_keys(context, ids, vocab_size), return_counts=True)
        del context
        levels = [_level(grams, counts, vocab_size)]
        for known in reversed(contexts):
            shorter = known // vocab_size  # each context without its oldest token
            ending = shorter[grams // vocab_size] * vocab_size + grams % vocab_size
            grams, counts = np.unique(ending, return_counts=True)  # how many different tokens come before it
            levels.append(_level(grams, counts, vocab_size))
        return cls(levels[::-1], contexts, vocab_size=vocab_size, boundary=boundary)

    @property
    def order(self) -> int:
        """The n of its longest n-grams."""
        return len(self.levels)

    def __repr__(self) -> str:
        sizes = ", ".join(f"{len(level.grams):,}" for level in self.levels)
        return f"KneserNey({sizes} n-grams of order 1 to {self.order})"

    def logprobs(self, ids: npt.NDArray[Any]) -> Floats:
        """(N,) nats: each token of ``ids`` (documents, each ended by the boundary) given those before it."""
        return np.log(self._probs(np.asarray(ids, dtype=np.int64), _history(ids, self.boundary, self.order - 1)))

    def distribution(self, context: Sequence[int]) -> Floats:
        """(vocab_size,) probabilities of the token after ``context``, the start of a document or longer."""
        before = np.asarray([self.boundary, *context], dtype=np.int64)
        places = _history(np.append(before, self.boundary), self.boundary, self.order - 1)
        words = np.arange(self.vocab_size)
        return self._probs(words, (np.broadcast_to(back[-1:], words.shape) for back in places))

    def _probs(self, words: Keys, history: Iterable[Keys]) -> Floats:
        """Chen and Goodman's equation 24 from the lowest order up; an unseen context leaves the order below as is."""
        probs = np.full(len(words), 1.0 / self.vocab_size)
        context = np.zeros(len(words), dtype=np.int64)
        seen = np.ones(len(words), dtype=bool)
        further = iter(history)
        for level, known in zip(self.levels, (*self.contexts, None), strict=True):
            place, found = _find(level.grams, context * self.vocab_size + words)
            counts = np.where(found, level.counts[place], 0)
            kept = (counts - level.discounts[np.minimum(counts, 3)]) / level.totals[context]
            probs = np.where(seen, kept + level.backoff[context] * probs, probs)
            if known is not None:
                context, found = _find(known, context * self.vocab_size + next(further))
                seen &= found
        return probs


def _history(ids: npt.NDArray[Any], boundary: int, steps: int) -> Iterator[Keys]:
    """(N,) the token 1, 2, … ``steps`` places back; once a boundary is met, boundaries."""
    ids = np.asarray(ids, dtype=np.int64)
    back = np.full(len(ids), -1, dtype=np.int64)
    for step in range(1, steps + 1):
        moved = np.full(len(ids), boundary, dtype=np.int64)
        moved[step:] = ids[: max(0, len(ids) - step)]
        moved[back == boundary] = boundary
        back = moved
        yield back


def _keys(context: Keys, tokens: npt.NDArray[Any], vocab_size: int) -> Keys:
    keys = context * vocab_size
    keys += tokens
    return keys


def _find(keys: Keys, wanted: Keys) -> tuple[Keys, npt.NDArray[np.bool_]]:
    """(place, whether it is there) of each of ``wanted`` in sorted ``keys``; the place is 0 where it is not."""
    place = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
    found = keys[place] == wanted
    return np.where(found, place, 0), found


def _level(grams: Keys, counts: Keys, vocab_size: int) -> Level:
    context = grams // vocab_size
    starts = np.flatnonzero(np.diff(context, prepend=-1))  # every context has a word, so this is one place for each
    totals = np.add.reduceat(counts, starts).astype(np.float64)
    discounts = discounts_of(counts)
    taken = np.add.reduceat(discounts[np.minimum(counts, 3)], starts)
    return Level(grams, counts.astype(np.int32), discounts, totals, taken / totals)


def discounts_of(counts: npt.NDArray[np.integer[Any]]) -> Floats:
    """(4,): 0, D1, D2, D3+ of equation 26: Y = n1 / (n1 + 2 n2), Di = i - (i + 1) Y n(i+1) / ni.

    ``FALLBACK`` where the counts of counts n1 … n4 give none: one of them is 0, or a discount is not above 0.
    """
    n1, n2, n3, n4 = (int(np.count_nonzero(counts == i)) for i in range(1, 5))
    if min(n1, n2, n3, n4):
        y = n1 / (n1 + 2 * n2)
        found = (1 - 2 * y * n2 / n1, 2 - 3 * y * n3 / n2, 3 - 4 * y * n4 / n3)
        if min(found) > 0:
            return np.array([0.0, *found])
    return np.array([0.0, *FALLBACK])
