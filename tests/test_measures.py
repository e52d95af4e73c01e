"""Measures of texts: each by a number worked out by hand, loops also against a slow definition."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gptviz.decoding import Beam, Contrastive, Greedy, Sample, Strategy, compare_steps, generate
from gptviz.decoding.measures import Loop, distinct, loops, measure, metered, summarise
from gptviz.language_model import LanguageModel
from tests.test_decoding import Table


def test_a_text_of_three_tokens_by_hand() -> None:
    """Probabilities 1/2, 1/4, 1/8: log-probability -(1 + 2 + 3) ln 2; perplexity 2**2; surprisals 1, 2, 3 bits."""
    m = summarise([5, 6, 5], [-math.log(2), -math.log(4), -math.log(8)], [1.0, 2.0, 3.0], [0.0, 0.0, 1.0])
    assert m.logprob == pytest.approx(-6 * math.log(2))
    assert m.mean_logprob == pytest.approx(-2 * math.log(2))
    assert m.perplexity == pytest.approx(4)
    assert m.surprisals == pytest.approx((1, 2, 3))
    assert (m.length, m.distinct_1, m.distinct_2) == (3, pytest.approx(2 / 3), 1.0)
    assert (m.entropies, m.entropies_after) == ((1.0, 2.0, 3.0), (0.0, 0.0, 1.0))


def test_steps_are_measured_before_and_after_the_filters() -> None:
    """After 0 come four tokens at 1/2, 1/4, 1/8, 1/8: 1.75 bits. Top-k 2 leaves 2/3 and 1/3: log2 3 - 2/3 bits."""
    lm: Any = Table([[0.5, 0.25, 0.125, 0.125]] * 4)
    steps = list(generate(lm, [0], Sample(top_k=2), max_new_tokens=3, seed=1))
    m = measure(steps)
    assert m.entropies == pytest.approx([1.75] * 3, abs=1e-6)
    assert m.entropies_after == pytest.approx([math.log2(3) - 2 / 3] * 3, abs=1e-6)
    assert m.surprisals == pytest.approx([{0: 1.0, 1: 2.0}[step.token] for step in steps], abs=1e-6)
    assert "stages" not in steps[0].__dict__  # a chain over the vocabulary is not kept for it
    with pytest.raises(ValueError, match="no tokens"):
        measure([])


def test_distinct_n() -> None:
    """Of "to be or not to be" 4 of 6 words, and of 5 pairs all but the second "to be"."""
    words = ["to", "be", "or", "not", "to", "be"]
    assert distinct([words], 1) == pytest.approx(4 / 6)
    assert distinct([words], 2) == pytest.approx(4 / 5)
    assert distinct([words, words], 2) == pytest.approx(4 / 10)  # no pair spans two texts
    assert distinct([["a"]], 2) is None
    assert distinct([], 1) is None


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", []),
        ("abcdef", []),
        ("aab", []),  # "had had" is no loop
        ("xaaa", [(1, 1, 3)]),
        ("abab", []),
        ("ababa", []),  # two and a half times
        ("xababab", [(1, 2, 3)]),
        ("abcabc", [(0, 3, 2)]),
        ("xabcabcaby", [(1, 3, 2)]),  # the third block is not whole
        ("aaaaaa", [(0, 1, 6)]),  # not "aaa" twice
        ("aaabaaab", [(0, 4, 2)]),  # the runs of a lie inside
        ("abcabcxyzzzz", [(0, 3, 2), (8, 1, 4)]),
    ],
)
def test_loops_by_hand(text: str, found: list[tuple[int, int, int]]) -> None:
    assert loops([ord(character) for character in text]) == tuple(Loop(*one) for one in found)


@given(st.lists(st.integers(0, 2), max_size=24))
def test_loops_are_what_they_say(tokens: list[int]) -> None:
    """Each repeats as it says, with the smallest period; and no repetition that counts goes without one around it."""
    found = loops(tokens)
    for loop in found:
        block = tokens[loop.start : loop.start + loop.period]
        assert tokens[loop.start : loop.stop] == block * loop.times
        assert loop.times >= (3 if loop.period < 3 else 2)
        assert not any(block == block[:p] * (loop.period // p) for p in range(1, loop.period) if loop.period % p == 0)
    assert all(a.start <= b.start for a, b in pairwise(found))
    stops = [(loop.start, _end(tokens, loop)) for loop in found]
    for start in range(len(tokens)):
        for period in range(1, (len(tokens) - start) // 2 + 1):
            times = 3 if period < 3 else 2
            end = start + period * times
            if end <= len(tokens) and tokens[start:end] == tokens[start : start + period] * times:
                assert any(a <= start and end <= b for a, b in stops), (start, period)


def _end(tokens: list[int], loop: Loop) -> int:
    """Where the stretch ends, a block only begun included."""
    end = loop.stop
    while end < len(tokens) and tokens[end] == tokens[end - loop.period]:
        end += 1
    return end


def test_the_share_in_loops() -> None:
    """Six of eight tokens."""
    assert summarise([1, 2, 3, 1, 2, 3, 4, 5], [-1.0] * 8, [1.0] * 8, [1.0] * 8).looped == 6 / 8


def test_passes_are_those_each_would_need_alone(tiny_lm: LanguageModel) -> None:
    """Eight tokens: the prompt and seven tokens read; contrastive search also reads the candidates of the last.

    Rows: beam search reads its three hypotheses in each pass after the prompt's, contrastive search four candidates.
    """
    strategies: dict[str, Strategy] = {"g": Greedy(), "b": Beam(3), "c": Contrastive(4, 0.6), "s": Sample(0.7)}
    watched = metered(strategies)
    steps: dict[str, list[int]] = {name: [] for name in strategies}
    for name, step in compare_steps(tiny_lm, "Once", watched, max_new_tokens=8, seed=3):
        steps[name].append(step.token)
        assert step.strategy is strategies[name]
    assert {name: (one.passes, one.rows) for name, one in watched.items()} == {
        "g": (8, 8), "b": (8, 1 + 7 * 3), "c": (9, 1 + 8 * 4), "s": (8, 8),
    }  # fmt: skip
    for name, strategy in strategies.items():
        alone = [step.token for step in generate(tiny_lm, "Once", strategy, max_new_tokens=8, seed=3)]
        assert alone == steps[name]
        assert watched[name].seconds > 0


def test_entropy_of_a_uniform_model_is_log2_of_its_vocabulary() -> None:
    lm: Any = Table(np.full((8, 8), 1 / 8))
    m = measure(list(generate(lm, [0], Sample(), max_new_tokens=4)))
    assert m.entropies == pytest.approx([3.0] * 4, abs=1e-6)
    assert m.perplexity == pytest.approx(8, rel=1e-5)
