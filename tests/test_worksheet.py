"""The sheet for paper: whoever calculates from what is given comes to what is written, and near what the model has."""

from __future__ import annotations

import math
from decimal import ROUND_HALF_UP, Decimal

import pytest

from gptviz import analysis, views
from gptviz.gpt.trace import Trace
from gptviz.language_model import LanguageModel
from gptviz.views.worksheet import BRIEF, MOST_KEYS, worksheet
from tests.test_head_steps import GATED, IDS, random_lm


def rounded(x: float, places: str = "0.01") -> float:
    """As at school: a half goes away from zero."""
    return float(Decimal(str(round(x, 9))).quantize(Decimal(places), rounding=ROUND_HALF_UP))


@pytest.fixture(params=["bundled", "chinese", "gated, grouped"])
def trace(request: pytest.FixtureRequest, lm: LanguageModel) -> Trace:
    if request.param == "gated, grouped":
        return random_lm(GATED).trace(IDS)
    return lm.trace("The cat sat on" if request.param == "bundled" else "他爱机器学习")


def test_every_result_follows_from_what_is_given(trace: Trace) -> None:
    labels = views.labels(trace)
    shifted = 0
    for layer in range(trace.config.n_layer):
        for head in range(trace.config.n_head):
            steps = analysis.attend(trace, layer, head, len(trace) - 1)
            sheet = worksheet(steps, labels, 1)
            assert sheet is not None
            assert sheet.root == rounded(math.sqrt(trace.config.head_dim))
            for product in sheet.products:
                assert product.amount == rounded(product.q * product.k)
            assert sheet.rows[1].dot == pytest.approx(sum(p.amount for p in sheet.products) + sheet.rest)
            scores = [row.score for row in sheet.rows if row.score is not None]
            exps = [row.exp for row in sheet.rows if row.exp is not None]
            shares = [row.share for row in sheet.rows if row.share is not None]
            assert scores == [rounded(row.dot / sheet.root) for row in sheet.rows]
            assert (sheet.shift is not None) == (max(map(abs, scores)) > BRIEF)
            assert sheet.shift in (None, max(scores))
            shifted += sheet.shift is not None
            places = "0.01" if sheet.shift is None else "0.001"
            assert exps == [rounded(math.exp(score - (sheet.shift or 0.0)), places) for score in scores]
            assert sheet.total == pytest.approx(sum(exps))
            assert shares == [rounded(exp / sheet.total) for exp in exps]
            for i, z in enumerate(sheet.mixed):
                assert z == rounded(sum(share * row.values[i] for share, row in zip(shares, sheet.rows, strict=True)))


def test_what_is_given_and_found_is_near_what_the_model_has(trace: Trace) -> None:
    labels = views.labels(trace)
    for head in range(trace.config.n_head):
        steps = analysis.attend(trace, 1, head, len(trace) - 1)
        sheet = worksheet(steps, labels, 0)
        assert sheet is not None
        for i, product in enumerate(sheet.products):
            assert product.q == pytest.approx(float(steps.q[i]), abs=0.006)
            assert product.k == pytest.approx(float(steps.k[0, i]), abs=0.006)
        # four products of numbers that are off by half a hundredth each, rounded, and so is the rest
        off = sum(0.005 * (abs(p.q) + abs(p.k)) + 0.006 for p in sheet.products) + 0.006
        assert sheet.rows[0].dot == pytest.approx(float(steps.raw[0]), abs=off)
        for key, row in enumerate(sheet.rows):
            assert row.share_exact == pytest.approx(float(steps.pattern[key]))
            assert row.share == pytest.approx(row.share_exact, abs=0.03 + off / sheet.root)
        assert sheet.mixed_exact == pytest.approx([float(x) for x in steps.z[:2]])


def test_keys_that_are_masked_have_no_weight(lm: LanguageModel) -> None:
    trace = lm.trace("The cat sat on")
    sheet = worksheet(analysis.attend(trace, 0, 0, 1), views.labels(trace), 3)
    assert sheet is not None
    assert sheet.key == 1  # the one that was asked for is masked
    assert [row.share is None for row in sheet.rows] == [False, False, True, True]
    assert sheet.total == pytest.approx(sum(row.exp or 0.0 for row in sheet.rows))


def test_a_long_text_has_no_sheet(tiny_lm: LanguageModel) -> None:
    trace = tiny_lm.trace(list(range(MOST_KEYS + 1)))
    assert worksheet(analysis.attend(trace, 0, 0, 0), views.labels(trace), 0) is None
