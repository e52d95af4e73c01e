"""The weights of a long text in two bytes each: what is written of them is what would be written of the exact ones."""

from __future__ import annotations

import zlib

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import example, given
from hypothesis import strategies as some

from gptviz.language_model import LanguageModel
from gptviz.rounding import fixed
from gptviz.ui.pages.next_token.panels import SHORT
from gptviz.ui.walk.state import View, Walk
from gptviz.ui.web.brief import NONE, brief, widened
from tests.ui.desk import Walker, shown

#: Long enough for any model of the tests, and of few different words.
LONG = "the cat sat on a mat and the dog ran. " * 9
BELOW, TINY = 0.005, 1e-30  # below the first a cell is written "<.01"


@given(some.floats(0, 1, width=32))
@example(0.0625)  # a tie at three digits that a float hits
@example(0.1875)
@example(0.12345)
@example(0.0005)
@example(0.005)
@example(0.99995)
@example(TINY)
def test_a_weight_is_written_as_the_exact_one(weight: float) -> None:
    """With each number of digits that is on the screen, and on its side of each bound that a cell is told by."""
    weight = float(np.float32(weight))
    sent = float(widened(brief(np.float32([weight])))[0])
    for digits in range(4):
        assert fixed(sent, digits) == fixed(weight, digits)
    assert (sent > 0, sent < BELOW) == (weight > 0, weight < BELOW)  # as the browser's numbers, which are doubles


def test_what_is_masked_is_no_number() -> None:
    codes = brief(np.float32([[1.0, np.nan], [0.25, 0.75]]))
    assert codes.tolist() == [[10_000, NONE], [2_500, 7_500]]
    np.testing.assert_array_equal(widened(codes), np.float32([[1.0, np.nan], [0.25, 0.75]]))


def expected(lm: LanguageModel, layer: int, head: int) -> npt.NDArray[np.float32]:
    trace = lm.trace(LONG)
    return np.where(np.tri(len(trace), dtype=bool), trace.pattern_of(layer, head), np.float32(np.nan))


def test_a_long_text_travels_brief_until_its_numbers_are_asked_for(lm: LanguageModel) -> None:
    """And again once the text is another one."""
    walker = Walker(lm, LONG, View(layer=1, head=2))
    exact = expected(lm, 1, 2)
    assert len(exact) > SHORT
    sent = shown("next_token", walker.walk, lm)[1]["attention"]
    assert sent.dtype == np.uint16
    np.testing.assert_array_equal(sent, brief(exact))
    np.testing.assert_allclose(widened(sent), exact, atol=1.001e-4)
    walker.do("exact")
    np.testing.assert_array_equal(shown("next_token", walker.walk, lm)[1]["attention"], exact)
    walker.say(text=LONG + "a")
    assert shown("next_token", walker.walk, lm)[1]["attention"].dtype == np.uint16


@pytest.mark.parametrize("stage", ["raw", "scores", "masked"])
def test_scores_and_short_texts_travel_as_they_are(lm: LanguageModel, stage: str) -> None:
    assert shown("next_token", Walk(text=LONG, view=View(stage=stage)), lm)[1]["attention"].dtype == np.float32
    assert shown("next_token", Walk(text="The cat sat on"), lm)[1]["attention"].dtype == np.float32


def test_the_strongest_key_is_that_of_the_pattern(lm: LanguageModel) -> None:
    """Whichever stage is on the screen."""
    pattern = lm.trace(LONG).pattern_of(3, 1)
    for pos in (0, 7, 60):
        views = [View(layer=3, head=1, pos=pos, stage=stage) for stage in ("raw", "scores", "masked", "pattern")]
        keys = {shown("next_token", Walk(text=LONG, view=view), lm)[0]["view"]["key"] for view in views}
        assert keys == {int(pattern[pos].argmax())}


def test_a_long_matrix_is_less_than_half_of_what_it_was(lm: LanguageModel) -> None:
    exact = expected(lm, 1, 2)
    assert len(exact) > SHORT
    assert len(zlib.compress(brief(exact).tobytes(), 1)) < len(zlib.compress(exact.tobytes(), 1)) / 2
