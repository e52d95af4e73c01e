"""The softmax at any temperature and what top-p keeps of it: worked by hand, and equal to the filters that draw."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from gptviz import decoding
from gptviz.figures import softmax as figures
from gptviz.i18n import languages
from gptviz.views import softmax
from tests.test_views import Letters

Array = npt.NDArray[np.float32]
LOGITS = hnp.arrays(np.float32, st.integers(1, 40), elements=st.floats(-30, 30, width=32))
QUARTERS = np.log(np.float32([0.25, 0.5, 0.25]))  # logits whose softmax at temperature 1 is known


def test_worked_by_hand() -> None:
    """p^(1/T) / Σ: at T = 0.5 the probabilities ¼ ½ ¼ become their squares 1 4 1, over 6."""
    view = softmax.sweep(QUARTERS, Letters(), top=2, temperatures=(0, 0.5, 1))
    assert [row.id for row in view.rows] == [1, 0]  # equal ones by id
    assert view.probs == pytest.approx(np.array([[1, 0], [4 / 6, 1 / 6], [0.5, 0.25]]), abs=1e-6)
    assert view.tail == pytest.approx([0, 1 / 6, 0.25], abs=1e-6)
    half = -(4 / 6) * math.log2(4 / 6) - 2 * (1 / 6) * math.log2(1 / 6)
    assert view.entropy == pytest.approx([0, half, 1.5], abs=1e-6)
    assert view.effective == pytest.approx([1, 2**half, 2**1.5], abs=1e-5)
    assert view.ranks.tolist() == [1, 2, 3]
    assert view.curve[2] == pytest.approx(np.log10([0.5, 0.25, 0.25]), abs=1e-6)
    assert view.curve[0].tolist() == [0, -math.inf, -math.inf]
    assert view.at(0.6) == 1


@given(LOGITS, st.sampled_from(softmax.TEMPERATURES))
@settings(deadline=None)
def test_equal_to_the_temperature_that_draws(logits: Array, temperature: float) -> None:
    """The grid in float64 is what sampling does in float32, the limit at 0 included."""
    chain = decoding.stages(logits, decoding.Sample(temperature=temperature))
    assert softmax.at_temperature(logits, temperature) == pytest.approx(chain[-1].probs, abs=2e-5)
    view = softmax.sweep(logits, Letters(), top=3, temperatures=(temperature,))
    assert view.probs[0] == pytest.approx(chain[-1].probs[[row.id for row in view.rows]], abs=2e-5)
    assert view.probs[0].sum() + view.tail[0] == pytest.approx(1)


@given(LOGITS)
@settings(deadline=None)
def test_entropy_never_falls_with_temperature(logits: Array) -> None:
    """d H / d T = Var(logit) / T³ ≥ 0, from 0 at T = 0 towards log2 V; the curve falls with the rank."""
    view = softmax.sweep(logits, Letters())
    assert view.entropy[0] == 0
    assert (np.diff(view.entropy[1:]) >= -1e-9).all()
    assert view.entropy[-1] <= math.log2(len(logits)) + 1e-9
    assert (np.diff(view.curve[1:], axis=1) <= 1e-12).all()


def test_ranks_are_even_on_a_log_axis_and_reach_the_last() -> None:
    view = softmax.sweep(np.zeros(50_257, dtype=np.float32), Letters(), temperatures=(1.0,))
    assert view.ranks[0] == 1
    assert view.ranks[-1] == 50_257
    assert len(view.ranks) <= 120
    assert (np.diff(view.ranks) > 0).all()
    assert view.curve[0] == pytest.approx(-math.log10(50_257))  # all equal


@given(LOGITS, st.sampled_from(softmax.TEMPERATURES), st.sampled_from(softmax.SHARES))
@settings(deadline=None)
def test_counts_equal_the_filter(logits: Array, temperature: float, share: float) -> None:
    """As many as top-p keeps where it is run by itself."""
    chain = decoding.stages(logits, decoding.Sample(temperature=temperature))
    scaled = decoding.Sample(temperature=temperature).filtered(logits, ())
    kept = int(np.count_nonzero(decoding.Sample(top_p=share).filtered(scaled, ()) > -np.inf))
    if share == 1:  # sampling then leaves the filter out
        kept = int(np.count_nonzero(chain[-1].probs))
    counts = softmax.kept_by_top_p(logits, temperature)
    assert counts[softmax.SHARES.index(share)] == kept
    assert (np.diff(counts) >= 0).all()


def test_nucleus_of_no_and_of_two_rows() -> None:
    assert softmax.nucleus([], []).counts.shape == (0, len(softmax.SHARES))
    sharp, flat = np.float32([9, 0, 0, 0]), np.zeros(4, dtype=np.float32)
    view = softmax.nucleus([sharp, flat], ["a", "b"], shares=(0.5, 0.9))
    assert view.counts.tolist() == [[1, 1], [2, 4]]  # of four equal ones, 0.9 needs all; half of them are half
    assert view.vocab_size == 4


@pytest.mark.parametrize("lang", languages())
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_figures_hold_the_numbers_of_their_view(lang: str, theme: str) -> None:
    logits = np.random.default_rng(0).normal(0, 2, 60).astype(np.float32)
    view = softmax.sweep(logits, Letters(), top=5)
    bars = figures.bars(view, temperature=0.5, lang=lang, theme=theme)
    at = view.at(0.5)
    assert list(bars.data[0].x) == [*view.probs[at], view.tail[at]]
    assert list(bars.data[1].x) == [*view.probs[20], view.tail[20]]
    curve = figures.curve(view, temperature=0, lang=lang, theme=theme)
    assert [list(trace.y) for trace in curve.data][1] == [1.0]  # at the limit one token is left
    entropy = figures.entropy(view, temperature=2, lang=lang, theme=theme)
    assert list(entropy.data[0].y) == view.entropy.tolist()
    kept = softmax.nucleus([logits] * 3, ["the", "the", "<b>"])
    columns = figures.nucleus(kept, share=0.9, lang=lang, theme=theme)
    assert list(columns.data[0].y) == kept.counts[:, 89].tolist()
    assert columns.layout.xaxis.ticktext[-1] == "&lt;b&gt;"
