"""The die is the one that decoding draws from, and its distance falls as theory says."""

from __future__ import annotations

import math
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gptviz import decoding
from gptviz.analysis import rolls
from gptviz.figures import softmax as figures

PROBS = np.array([0.5, 0.0, 0.3, 0.15, 0.05])


def die(seed: int = 7, probs: np.ndarray = PROBS) -> rolls.Rolls:  # type: ignore[type-arg]
    return rolls.Rolls(probs, seed, shown=[0, 2])


@given(st.integers(0, 1000), st.lists(st.integers(0, 60), max_size=6))
@settings(max_examples=40, deadline=None)
def test_each_roll_is_the_draw_of_its_number(seed: int, parts: list[int]) -> None:
    """However they are batched, roll i falls where ``draw`` with u of step i falls."""
    one = die(seed)
    for times in parts:
        one.roll(times)
    n = sum(parts)
    drawn = [decoding.draw(PROBS, decoding.uniform_at(seed, i)) for i in range(n)]
    assert one.counts.tolist() == np.bincount(drawn, minlength=5).tolist()
    if n:
        assert (one.last, one.last_u) == (drawn[-1], decoding.uniform_at(seed, n - 1))
    whole = die(seed)
    whole.roll(n)
    assert whole.checks == one.checks


def test_distances_by_hand() -> None:
    """Shares ½ 0 ½ 0 0 against ½ 0 .3 .15 .05: all tokens ½(.2 + .15 + .05) = .2; the last two as one: the same."""
    assert rolls.distance(np.array([1, 0, 1, 0, 0]), PROBS) == pytest.approx(0.2)
    one = die()
    one.roll(3)
    now = one.view().now
    assert now is not None
    shares = one.counts / 3
    assert now.all == pytest.approx(0.5 * np.abs(shares - PROBS).sum())
    bars = [shares[0] - 0.5, shares[2] - 0.3, shares[1] + shares[3] + shares[4] - 0.2]
    assert now.shown == pytest.approx(0.5 * np.abs(bars).sum())
    assert one.view().others == one.counts[[1, 3, 4]].sum()


@pytest.mark.parametrize("n", [1, 2, 3, 5])
def test_expected_distance_is_the_mean_over_all_series(n: int) -> None:
    """Every series of n rolls of three faces, each with its probability."""
    probs = np.array([0.6, 0.3, 0.1])
    mean = 0.0
    for series in product(range(3), repeat=n):
        counts = np.bincount(series, minlength=3)
        mean += math.prod(probs[i] for i in series) * rolls.distance(counts, probs)
    assert rolls.expected_distance(probs, n) == pytest.approx(mean)


def test_expected_distance_of_certainty_is_0_and_tends_to_its_limit() -> None:
    assert rolls.expected_distance(np.array([0.0, 1.0]), 10) == 0
    for n in (10_000, rolls.MOST):
        ratio = rolls.expected_distance(PROBS, n) * math.sqrt(n) / rolls.limit_coefficient(PROBS)
        assert ratio == pytest.approx(1, abs=20 / n**0.5 / 10)


def test_measured_distance_stays_near_the_expected_one() -> None:
    """Mean over 200 seeds: the distance of 100 rolls has a deviation below its mean, so 5 of √200 allow a third."""
    expected = rolls.expected_distance(PROBS, 100)
    found = []
    for seed in range(200):
        one = die(seed)
        one.roll(100)
        found.append(one.checks[-1].all)
    assert np.mean(found) == pytest.approx(expected, rel=0.34)


def test_no_more_than_the_most() -> None:
    one = die()
    one.roll(10 * rolls.MOST)
    assert one.n == rolls.MOST == int(one.counts.sum())
    assert [check.n for check in one.checks] == list(rolls.CHECKS)
    assert one.checks[-1].shown < 0.01


def test_figure_draws_what_was_measured() -> None:
    one = die()
    assert die().view().now is None
    one.roll(1000)
    figure = figures.distances(one.view(), lang="zh")
    assert list(figure.data[1].x) == [check.n for check in one.checks]
    assert list(figure.data[3].y) == [check.all for check in one.checks]
