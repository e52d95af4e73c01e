"""N-grams of a text: counted again by hand and by plain Python, and the mixture that they make."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gptviz.analysis import origins

ABRA = [0, 1, 2, 0, 3, 0, 4, 0, 1, 2, 0]  # abracadabra: a b r a c a d a b r a


def test_the_counts_of_abracadabra_are_those_of_a_hand() -> None:
    found = origins.orders(np.array(ABRA), [0, 1], 5)
    assert [(order.n, order.times) for order in found] == [(1, 11), (2, 2), (3, 2)]
    assert found[0].counts.tolist() == [5, 2, 2, 1, 1]
    assert found[1].counts.tolist() == found[2].counts.tolist() == [0, 0, 2, 0, 0]  # after b, and after ab: r, twice
    assert origins.longest(found, 2).n == 3
    assert origins.longest(found, 3).n == 1
    # order 1: (c + 5 · 1/5) / (11 + 5); order 2: (c + 1 · p) / (2 + 1); order 3 the same once more
    one = np.array([6, 3, 3, 2, 2]) / 16
    two = (np.array([0, 0, 2, 0, 0]) + one) / 3
    assert origins.witten_bell(found) == pytest.approx((np.array([0, 0, 2, 0, 0]) + two) / 3)
    passages = origins.passages(np.array(ABRA), [1, 2])
    assert [(one.before, one.gram, one.after[:1]) for one in passages] == [
        ((0,), (1, 2), (0,)),
        ((0, 1, 2, 0, 3, 0, 4, 0), (1, 2), (0,)),
    ]
    assert origins.bigrams(np.array(ABRA), 5, [0, 1], [1, 2, 3]).tolist() == [[2, 0, 1], [0, 2, 0]]
    assert origins.common(np.array(ABRA), 5, 2) == [0, 1]


@given(st.lists(st.integers(0, 3), min_size=2, max_size=60), st.lists(st.integers(0, 3), min_size=1, max_size=8))
def test_whatever_the_text_is_they_are_those_of_plain_python_and_sum_to_one(text: list[int], typed: list[int]) -> None:
    found = origins.orders(np.array(text), typed, 4)
    for order in found[1:]:
        n, context = order.n, typed[-(order.n - 1) :]
        starts = [i for i in range(len(text) - n + 1) if text[i : i + n - 1] == context]
        assert order.times == len(starts) > 0
        assert order.counts.tolist() == [sum(text[i + n - 1] == token for i in starts) for token in range(4)]
    assert origins.witten_bell(found).sum() == pytest.approx(1)
    assert (origins.witten_bell(found) > 0).all()  # nothing is impossible
    gram = typed[:3]
    everywhere = [i for i in range(len(text) - len(gram) + 1) if text[i : i + len(gram)] == gram]
    assert len(origins.passages(np.array(text), gram, most=100)) == len(everywhere)
