"""The n-gram baseline: a worked example, a slow twin made of dictionaries, and probabilities that sum to one."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gptviz.evaluation.kneser_ney import FALLBACK, KneserNey, discounts_of

A, B, C, END = 0, 1, 2, 3


class Slow:
    """Chen and Goodman 1999, equations 24-26 and the continuation counts, word for word."""

    def __init__(self, documents: list[list[int]], *, vocab_size: int, boundary: int, order: int) -> None:
        self.V, self.boundary, self.order = vocab_size, boundary, order
        grams = Counter[tuple[int, ...]]()
        for document in documents:
            padded = [boundary] * (order - 1) + document + [boundary]
            for i in range(order - 1, len(padded)):
                grams[tuple(padded[i - order + 1 : i + 1])] += 1
        self.counts = {order: grams}
        for n in range(order - 1, 0, -1):
            self.counts[n] = Counter(gram[1:] for gram in self.counts[n + 1])  # different tokens before it
        self.D = {n: self._discounts(list(grams.values())) for n, grams in self.counts.items()}

    @staticmethod
    def _discounts(counts: list[int]) -> tuple[float, ...]:
        n = Counter(counts)
        if all(n[i] for i in (1, 2, 3, 4)):
            y = n[1] / (n[1] + 2 * n[2])
            found = tuple(i - (i + 1) * y * n[i + 1] / n[i] for i in (1, 2, 3))
            if min(found) > 0:
                return found
        return FALLBACK

    def prob(self, context: tuple[int, ...], word: int) -> float:
        n = len(context) + 1
        lower = self.prob(context[1:], word) if n > 1 else 1 / self.V
        after = {gram[-1]: count for gram, count in self.counts[n].items() if gram[:-1] == context}
        if not after:
            return lower
        total = sum(after.values())
        taken = sum(self.D[n][min(count, 3) - 1] for count in after.values())
        count = after.get(word, 0)
        kept = count - self.D[n][min(count, 3) - 1] if count else 0
        return kept / total + taken / total * lower

    def after(self, text: list[int]) -> np.ndarray:
        padded = [self.boundary] * (self.order - 1) + text
        context = tuple(padded[len(padded) - self.order + 1 :])
        return np.array([self.prob(context, word) for word in range(self.V)])


def _fast(documents: list[list[int]], *, vocab_size: int, boundary: int, order: int) -> KneserNey:
    ids = np.array([i for document in documents for i in [*document, boundary]])
    return KneserNey.train(ids, vocab_size=vocab_size, boundary=boundary, order=order)


def test_a_worked_example() -> None:
    """Bigrams of "a b a b a c": too few for equation 26, so the discounts are 0.5, 1, 1.5.

    Different tokens before a: boundary and b, 2; before b, c and the boundary: 1 each; 5 in all. What is taken off:
    1 + 3 · 0.5 = 2.5, half of 5, shared by 4 tokens: 0.125 each. P(a) = (2 - 1) / 5 + 0.125 = 0.325, P(b) = 0.5 / 5 +
    0.125 = 0.225, and the same for c and the boundary.
    After a: b twice, c once. Taken off: 1 + 0.5 of 3, so half goes to P: P(b | a) = 1 / 3 + 0.5 · 0.225,
    P(c | a) = 0.5 / 3 + 0.5 · 0.225, P(a | a) = 0.5 · 0.325, P(end | a) = 0.5 · 0.225.
    """
    model = _fast([[A, B, A, B, A, C]], vocab_size=4, boundary=END, order=2)
    assert model.levels[0].counts.tolist() == [2, 1, 1, 1]
    assert model.distribution([A]) == pytest.approx([0.1625, 1 / 3 + 0.1125, 0.5 / 3 + 0.1125, 0.1125])
    # after b came only a, twice: 1 of 2 is taken off, so half goes to P
    assert model.distribution([A, B]) == pytest.approx([0.5 + 0.5 * 0.325, 0.1125, 0.1125, 0.1125])


def test_discounts_from_counts_of_counts() -> None:
    """n1 … n4 = 8, 4, 2, 1: Y = 8 / 16; D1 = 1 - 2·½·4/8, D2 = 2 - 3·½·2/4, D3+ = 3 - 4·½·1/2."""
    counts = np.array([1] * 8 + [2] * 4 + [3] * 2 + [4])
    assert discounts_of(counts).tolist() == [0.0, 0.5, 1.25, 2.0]
    assert discounts_of(counts[:-1]).tolist() == [0.0, *FALLBACK]  # no n-gram seen four times


DOCUMENTS = st.lists(st.lists(st.integers(0, 4), max_size=12), min_size=1, max_size=6)


@settings(max_examples=60, deadline=None)
@given(documents=DOCUMENTS, text=st.lists(st.integers(0, 5), max_size=6), order=st.integers(1, 5))
def test_it_is_its_slow_twin_and_sums_to_one(documents: list[list[int]], text: list[int], order: int) -> None:
    """Token 5 is never in the corpus, and 6 is the boundary: contexts never seen are met as well."""
    size = {"vocab_size": 7, "boundary": 6, "order": order}
    found = _fast(documents, **size).distribution(text)
    assert found.sum() == pytest.approx(1.0, abs=1e-12)
    assert found.min() > 0
    np.testing.assert_allclose(found, Slow(documents, **size).after(text), rtol=1e-12)


def test_it_is_its_slow_twin_where_discounts_are_estimated() -> None:
    """Enough text with a long tail that equation 26 is used at every order."""
    rng = np.random.default_rng(0)
    words = np.minimum(rng.zipf(1.6, size=(20, 100)), 30) - 1
    size = {"vocab_size": 31, "boundary": 30, "order": 4}
    fast, slow = _fast(words.tolist(), **size), Slow(words.tolist(), **size)
    for level in fast.levels[1:]:
        assert level.discounts[1:].tolist() != list(FALLBACK)
    for row in words[:4]:
        found = fast.distribution(row[:7].tolist())
        assert found.sum() == pytest.approx(1.0)
        np.testing.assert_allclose(found, slow.after(row[:7].tolist()), rtol=1e-12)


def test_reading_a_text_is_looking_up_each_token_in_its_documents_distribution() -> None:
    """Also across documents: what stands before a boundary is never context for what comes after it."""
    documents = [[0, 1, 2, 0, 1], [2, 2, 1], [], [0, 1, 0]]
    model = _fast(documents, vocab_size=4, boundary=3, order=3)
    held_out = [[0, 1, 1, 2], [2, 0]]
    read = model.logprobs(np.array([i for document in held_out for i in [*document, 3]]))
    expected = [np.log(model.distribution(document[:i])[token])
                for document in held_out for i, token in enumerate([*document, 3])]  # fmt: skip
    np.testing.assert_allclose(read, expected, rtol=1e-12)


def test_more_context_helps_where_it_tells_more() -> None:
    """a b c, a d e, …: a pair decides what follows, a single token does not."""
    documents = [[0, 1, 2], [3, 1, 4]] * 20
    bits = [-_fast(documents, vocab_size=6, boundary=5, order=n).logprobs(np.array([0, 1, 2, 5, 3, 1, 4, 5])).sum()
            for n in (1, 2, 3)]  # fmt: skip
    assert bits[0] > bits[1] > bits[2]
