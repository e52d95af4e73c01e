"""Readings say the view's numbers in words, in English and in Chinese."""

from __future__ import annotations

import numpy as np
import pytest

from gptviz import i18n, views
from gptviz.readings import habits, reading
from gptviz.rounding import number, percent
from tests.test_figures import TEXTS
from tests.test_views import CHAIN, LOGITS, FakeTrace, Letters


def distribution() -> views.DistributionView:
    return views.distribution(LOGITS, CHAIN, Letters(), pos=4, u=0.8, draw=5, top=4)


def test_english() -> None:
    """The numbers are those of test_views."""
    trace = FakeTrace()
    assert reading(views.chips(trace)) == (
        "3 tokens. Most surprising: ‘a’ 3.0 bits, ‘A9’ 1.0 bits. On average 2.0 bits per token."
    )
    looks = "Layer 0, head 0: ‘A9’ looks 95% at ‘A9’, 5% at ‘C3’."  # e^3 / (1 + e^3) = 0.953
    assert reading(views.attention(trace, 0, 0), query_pos=1) == looks
    raw = reading(views.attention(trace, 0, 0, "raw"))
    assert raw.endswith("‘a’ fits best, as q·k: ‘A9’ 3.00, ‘a’ 2.00, ‘C3’ 1.00.")
    assert "6 of 9 pairs" in reading(views.mask(trace))
    open_cell = reading(views.cell(trace, 0, 0, 2, 1))
    assert "q·k = 3.000, divided by √4 = 1.500; e^1.500 = 4.482" in open_cell
    assert "may not look" in reading(views.cell(trace, 0, 0, 0, 1))
    assert reading(distribution()) == (
        "Most likely: ‘b’ 50.0%, ‘d’ 25.0%, ‘f’ 25.0%. Entropy 1.5 bits: like choosing among 3 equally likely tokens. "
        "The filters keep 3 of 6 tokens. Drawn with u = 0.800: ‘f’."
    )


def test_what_follows_and_what_is_left_is_said() -> None:
    """No filters: b 40 %, d 20 %, f 20 %, the other three together 20 %; what follows is c, the last of six."""
    said = reading(views.distribution(LOGITS, CHAIN[:1], Letters(), pos=0, actual_id=2))
    assert said.startswith("Most likely: ‘b’ 40.0%, ‘d’ 20.0%, ‘f’ 20.0%; 3 others 20.0%.")
    assert said.endswith("What really follows is ‘c’: 5.0%, rank 6.")


def test_chinese() -> None:
    assert reading(views.chips(FakeTrace()), "zh").startswith(
        "3 个词元。最出乎模型意料的是：“a” 3.0 比特、“A9” 1.0 比特。"
    )
    assert "熵 1.5 比特" in reading(distribution(), "zh")


@pytest.mark.parametrize("lang", i18n.languages())
@pytest.mark.parametrize("parts", TEXTS.values(), ids=TEXTS)
def test_every_view_in_every_language(lang: str, parts: list[str]) -> None:
    """No key and no placeholder is left over, in any language that is at hand."""
    T, trace = len(parts), FakeTrace()
    tiles = np.full((2, 2, T, T), 255, np.uint8)
    made = [
        views.chips(trace), views.mask(parts), distribution(), views.MosaicView(2, 2, T, 1, tiles),
        views.cell(trace, 0, 0, 2, 1), views.cell(trace, 0, 0, 0, 1),
        *(views.attention(trace, 0, 0, stage) for stage in views.STAGES),
    ]  # fmt: skip
    for view in made:
        said = reading(view, lang)
        assert "reading." not in said
        assert "{" not in said


def test_habits_of_heads() -> None:
    """One head each: to the token before, to the first, to itself, and one that spreads evenly."""
    T = 6
    weights = np.zeros((1, 4, T, T))
    for query in range(T):
        weights[0, 0, query, max(0, query - 1)] = weights[0, 1, query, 0] = weights[0, 2, query, query] = 1
        weights[0, 3, query, : query + 1] = 1 / (query + 1)
    view = views.MosaicView(1, 4, T, 1, (weights * 255).round().astype(np.uint8))
    assert habits(view) == {"previous": 1, "first": 1, "self": 1}
    assert "the token before in 1 of them" in reading(view)
    assert reading(view._replace(block=2)) == "4 heads: 1 layer of 4."  # pooled cells say nothing of means


@pytest.mark.parametrize(
    ("p", "digits", "said"),
    [
        (0, 0, "0%"),
        (1, 1, "100%"),
        (0.308, 0, "31%"),
        (0.0001, 1, "<0.1%"),
        (0.99996, 1, ">99.9%"),
        (0.118, 1, "11.8%"),
    ],
)
def test_percent_never_rounds_to_nothing_or_all(p: float, digits: int, said: str) -> None:
    assert percent(p, digits) == said


def test_numbers_have_a_true_minus_and_no_negative_zero() -> None:
    assert [number(x) for x in (-1.336, -0.001, 1234.5)] == ["−1.34", "0.00", "1,234.50"]


def test_what_is_no_view_is_refused() -> None:
    with pytest.raises(TypeError, match="no reading for int"):
        reading(3)
