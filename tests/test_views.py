"""Views hold exactly the numbers of their picture: hand-made traces, worked by hand."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from gptviz import decoding, views
from gptviz.tokens.pieces import Token, locate
from gptviz.views.distribution import span

Array = npt.NDArray[np.float32]


@dataclass
class FakeTrace:
    """One layer, one head, head_dim 4 (so √d = 2), three tokens; the first two are the bytes of one character, é."""

    tokens: list[Token] = field(default_factory=lambda: locate([5, 6, 7], [b"\xc3", b"\xa9", b" a"]))
    logprobs: Array = field(default_factory=lambda: np.float32([np.nan, math.log(0.5), math.log(0.125)]))
    q: Array = field(default_factory=lambda: np.float32([[[[2, 0, 0, 0], [0, 2, 0, 0], [1, 1, 1, 1]]]]))
    k: Array = field(default_factory=lambda: np.float32([[[[1, 0, 0, 0], [0, 3, 0, 0], [1, 1, 0, 0]]]]))
    pattern: Array = field(init=False)
    windows: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        scores = self.q @ self.k.swapaxes(-1, -2) / np.float32(2)
        weights = np.exp(scores.astype(np.float64)) * np.tri(len(self.tokens))
        self.pattern = (weights / weights.sum(-1, keepdims=True)).astype(np.float32)

    @property
    def shades(self) -> np.ndarray:
        return (self.pattern * 255 + 0.5).astype(np.uint8)

    def scores_of(self, layer: int, head: int) -> Array:
        return self.q[layer, head] @ self.k[layer, head].T / np.float32(2)

    def pattern_of(self, layer: int, head: int) -> Array:
        return self.pattern[layer, head]


RAW = [[2, 0, 2], [0, 6, 2], [1, 3, 2]]  # q·k: e.g. third query (1, 1, 1, 1) · second key (0, 3, 0, 0) = 3


def test_chips() -> None:
    """p = 1/2 is a surprisal of 1 bit, p = 1/8 of 3; the first token has none; é is made of two pieces."""
    view = views.chips(FakeTrace(), n_prompt=2)
    assert view.n_prompt == 2
    assert [chip[:3] for chip in view.chips] == [(5, "C3", "C3"), (6, "A9", "A9"), (7, "·a", "20 61")]
    assert view.chips[0].surprisal is None
    assert view.chips[0].prob is None
    assert [chip.surprisal for chip in view.chips[1:]] == pytest.approx([1.0, 3.0], rel=1e-6)
    assert [chip.prob for chip in view.chips[1:]] == pytest.approx([0.5, 0.125], rel=1e-6)
    assert [chip.path for chip in view.chips] == [False, False, True]
    assert [chip.piece for chip in view.chips] == [("é", 0, 2), ("é", 1, 2), None]
    assert [chip.rank for chip in view.chips] == [None] * 3
    assert views.chips(FakeTrace()).n_prompt == 3


def test_chips_show_ranks_where_the_trace_has_them() -> None:
    trace = FakeTrace()
    trace.ranks = np.array([0, 4, 1])  # type: ignore[attr-defined]
    assert [chip.rank for chip in views.chips(trace).chips] == [None, 4, 1]


def test_a_certain_token_has_no_surprisal_and_bytes_that_are_no_character_no_piece() -> None:
    """−log2 1 is 0, never −0, also where rounding puts a log-probability above 0."""
    trace = FakeTrace(locate([1, 2, 3], [b"a", b"\xe6\x88", b"b"]), np.float32([np.nan, 0.0, 1e-7]))
    view = views.chips(trace)
    assert [str(chip.surprisal) for chip in view.chips[1:]] == ["0.0", "0.0"]
    assert [chip.piece for chip in view.chips] == [None, None, None]


@pytest.mark.parametrize(
    ("stage", "values", "low", "high"),
    [
        ("raw", RAW, 0, 6),
        ("scores", [[1, 0, 1], [0, 3, 1], [0.5, 1.5, 1]], 0, 3),
        ("masked", [[1, np.nan, np.nan], [0, 3, np.nan], [0.5, 1.5, 1]], 0, 3),
    ],
)
def test_attention_before_the_softmax(stage: str, values: list[list[float]], low: float, high: float) -> None:
    """q·k as worked out in RAW; half of it; the same with NaN where the key lies after the query."""
    view = views.attention(FakeTrace(), 0, 0, stage)
    np.testing.assert_array_equal(view.values, np.float32(values))
    assert view.values.dtype == np.float32
    assert (view.min, view.max) == (low, high)
    assert view[:6] == (1, 1, 4, 0, 0, stage)
    assert view.labels == ("C3", "A9", "·a")


def test_attention_pattern() -> None:
    """Row 1: e^0 and e^3 over their sum; row 2: e^0.5, e^1.5, e^1 over theirs. Masked cells are NaN, not 0."""
    view = views.attention(FakeTrace(), 0, 0)
    e = math.exp
    second, third = 1 + e(3), e(0.5) + e(1.5) + e(1)
    expected = [
        [1, np.nan, np.nan],
        [1 / second, e(3) / second, np.nan],
        [e(0.5) / third, e(1.5) / third, e(1) / third],
    ]
    np.testing.assert_allclose(view.values, expected, rtol=1e-6)
    assert view.min == pytest.approx(1 / second)
    assert view.max == 1.0


def test_views_never_write_to_the_trace() -> None:
    """A trace is shared by sessions: its arrays are read-only, and masking works on a copy."""
    trace = FakeTrace()
    for array in (trace.q, trace.k, trace.pattern, trace.logprobs):
        array.flags.writeable = False
    for stage in views.STAGES:
        views.attention(trace, 0, 0, stage)
    views.mosaic(trace)
    assert not np.isnan(trace.pattern).any()


def test_wrong_places_are_named() -> None:
    with pytest.raises(ValueError, match="stage must be one of raw, scores, masked, pattern"):
        views.attention(FakeTrace(), 0, 0, "softmax")
    with pytest.raises(IndexError, match="head must be from 0 to 0, not -1"):
        views.attention(FakeTrace(), 0, -1)
    with pytest.raises(IndexError, match="key_pos must be from 0 to 2, not 3"):
        views.cell(FakeTrace(), 0, 0, 1, 3)


def test_mask() -> None:
    for of in (3, ["C3", "A9", "·a"], FakeTrace()):
        assert views.mask(of).allowed.tolist() == [[True, False, False], [True, True, False], [True, True, True]]
    assert views.mask(FakeTrace()).labels == ("C3", "A9", "·a")
    assert views.mask(2).labels == ("0", "1")


def test_cell() -> None:
    """Query 2, key 1: terms 0, 3, 0, 0; dot 3; ÷2 = 1.5; e^1.5 over e^0.5 + e^1.5 + e^1."""
    view = views.cell(FakeTrace(), 0, 0, 2, 1)
    total = math.exp(0.5) + math.exp(1.5) + math.exp(1)
    assert view[:8] == (0, 0, 2, 1, "·a", "A9", False, 4)
    assert (view.q, view.k, view.products) == ((1, 1, 1, 1), (0, 3, 0, 0), (0, 3, 0, 0))
    assert (view.dot, view.sqrt_d, view.score, view.shift) == (3.0, 2.0, 1.5, 0.0)
    assert (view.exp, view.sum_exp) == pytest.approx((math.exp(1.5), total), rel=1e-14)
    assert view.weight == pytest.approx(math.exp(1.5) / total, rel=1e-14)


def test_masked_cell() -> None:
    """Before the mask the score is there (2 / 2 = 1); after it there is nothing to exponentiate."""
    view = views.cell(FakeTrace(), 0, 0, 0, 2)
    assert view.masked
    assert (view.dot, view.score) == (2.0, 1.0)
    assert (view.shift, view.exp, view.sum_exp, view.weight) == (None, None, None, None)


@pytest.mark.parametrize("size", [1000.0, -1000.0])
def test_cell_with_huge_scores(size: float) -> None:
    """e^1500 is beyond a float and e^−1500 is 0: the row's largest score is taken off, the weight stays right.

    Third query · keys / 2 = size × (0.5, 1.5, 1). For a positive size the largest is key 1: weight 1; for a negative
    one key 0: 1 as well.
    """
    trace = FakeTrace()
    trace.q = trace.q * np.float32(size)
    key = 1 if size > 0 else 0
    view = views.cell(trace, 0, 0, 2, key)
    assert view.shift == view.score == size * (1.5 if size > 0 else 0.5)
    assert (view.exp, view.sum_exp, view.weight) == (1.0, 1.0, 1.0)


def test_mosaic_is_exact_to_one_step_of_255() -> None:
    """1 → 255; e^0 / (e^0 + e^3) = 0.0474 → 12.09 → 12; masked → 0."""
    view = views.mosaic(FakeTrace())
    assert view[:4] == (1, 1, 3, 1)
    assert view.tiles.dtype == np.uint8
    assert view.tiles[0, 0, :2].tolist() == [[255, 0, 0], [12, 243, 0]]


@pytest.mark.parametrize(("T", "tile", "block"), [(64, 64, 1), (65, 33, 2), (130, 44, 3), (256, 64, 4)])
def test_mosaic_of_long_texts_keeps_the_largest_of_each_block(T: int, tile: int, block: int) -> None:
    trace = FakeTrace()
    weights = np.random.default_rng(T).random((2, 1, T, T), dtype=np.float32) * np.tri(T, dtype=np.float32)
    trace.pattern = weights
    view = views.mosaic(trace)
    assert (view.tile, view.block) == (tile, block)
    for row, column in ((0, 0), (tile // 2, 3), (tile - 1, tile - 1), (tile - 1, 0), (0, tile - 1)):
        cells = weights[1, 0, row * block : (row + 1) * block, column * block : (column + 1) * block]
        assert view.tiles[1, 0, row, column] == math.floor(cells.max() * np.float32(255) + np.float32(0.5))


def test_an_empty_trace_gives_empty_views() -> None:
    empty = np.zeros((1, 1, 0, 0), np.float32)
    trace = FakeTrace([], np.empty(0, np.float32), *[np.zeros((1, 1, 0, 4), np.float32)] * 2)
    trace.scores = trace.pattern = empty
    assert views.chips(trace).chips == ()
    assert views.attention(trace, 0, 0).values.shape == views.mask(trace).allowed.shape == (0, 0)
    assert views.mosaic(trace).tiles.shape == (1, 1, 0, 0)


class Letters:
    """A tokenizer of a, b, c … for a model whose matrix has two rows more."""

    vocab_size = 6

    def token_bytes(self, token: int) -> bytes:
        return bytes([97 + token])


P = np.array([0.05, 0.4, 0.05, 0.2, 0.1, 0.2])  # ids by falling p, ties by id: 1 | 3 5 | 4 | 0 2
LOGITS = np.log(P).astype(np.float32)


def stage(name: str, probs: Any) -> decoding.Stage:
    probs = np.asarray(probs, dtype=np.float64)
    return decoding.Stage(name, probs > 0, probs)


def after(*ids: int) -> npt.NDArray[np.float64]:
    """P, only ``ids`` kept, renormalised."""
    kept = np.isin(np.arange(6), ids)
    return np.where(kept, P, 0) / P[kept].sum()


CHAIN = (stage("model", P), stage("top_k", after(1, 3, 5, 4)), stage("top_p", after(1, 3, 5)))


def test_distribution() -> None:
    """Kept in the end: b 0.4, d 0.2, f 0.2 of 0.8, that is 1/2, 1/4, 1/4: entropy 1.5 bits, 2^1.5 effective choices.

    The bar: b from 0 to 0.5, d to 0.75, f to 1; u = 0.8 falls on f.
    """
    view = views.distribution(LOGITS, CHAIN, Letters(), pos=4, u=0.8, draw=5, top=4, segments=2)
    assert (view.pos, view.last, view.vocab_size, view.kept) == (4, True, 6, 3)
    assert (view.entropy, view.effective) == pytest.approx((1.5, 2**1.5))
    assert view.entropy_model == pytest.approx(-sum(p * math.log2(p) for p in P))
    assert view.effective_model == pytest.approx(2**view.entropy_model)
    assert [(row.label, row.rank, row.cut, row.drawn) for row in view.rows] == [
        ("b", 1, None, False), ("d", 2, None, False), ("f", 3, None, True), ("e", 4, "top_p", False),
    ]  # fmt: skip
    assert [row.p_model for row in view.rows] == pytest.approx([0.4, 0.2, 0.2, 0.1])
    assert [row.p for row in view.rows] == pytest.approx([0.5, 0.25, 0.25, 0])
    assert [row.bytes for row in view.rows] == ["62", "64", "66", "65"]
    assert (view.tail.count, view.tail.kept, view.tail.p) == (2, 0, 0.0)
    assert view.tail.p_model == pytest.approx(0.1)
    assert view.stages == (("model", 6), ("top_k", 4), ("top_p", 3))
    assert [(s.label, s.p, s.drawn) for s in view.segments] == [("b", 0.5, False), ("d", 0.25, False)]
    assert view.rest == pytest.approx(0.25)
    assert view.drawn_at == pytest.approx((0.75, 1.0))
    assert view.drawn_at[0] <= view.u < view.drawn_at[1]
    assert view.draw == (5, "f", pytest.approx(0.25))
    assert view.actual is None


def test_distribution_where_the_text_goes_on() -> None:
    """c, the least likely, really follows: rank 6, cut by the first filter, and shown although only two bars are."""
    view = views.distribution(LOGITS, CHAIN, Letters(), pos=0, actual_id=2, top=2)
    assert not view.last
    assert (view.u, view.draw, view.drawn_at) == (None, None, None)
    assert view.actual == (2, "c", pytest.approx(0.05), 6)
    assert [(row.label, row.rank, row.cut, row.actual) for row in view.rows] == [
        ("b", 1, None, False), ("c", 6, "top_k", True),
    ]  # fmt: skip
    assert (view.tail.count, view.tail.kept) == (4, 2)


@pytest.mark.parametrize("ids", [{"draw": 0, "u": 0.95}, {"draw": 0, "u": 0.95, "actual_id": 2}, {}])
@pytest.mark.parametrize("top", [1, 3, 6, 10])
def test_bars_and_tail_are_the_whole_vocabulary(ids: dict[str, Any], top: int) -> None:
    view = views.distribution(LOGITS, CHAIN[:1], Letters(), pos=0, top=top, **ids)
    assert sum(row.p_model for row in view.rows) + view.tail.p_model == pytest.approx(1)
    assert sum(row.p for row in view.rows) + view.tail.p == pytest.approx(1)
    assert len(view.rows) + view.tail.count == 6
    assert sum(row.cut is None for row in view.rows) + view.tail.kept == view.kept
    assert [row.rank for row in view.rows] == sorted({row.rank for row in view.rows})
    assert {row.id for row in view.rows} >= {v for k, v in ids.items() if k != "u"}
    assert view.entropy == view.entropy_model


def test_the_tiniest_tail_is_not_lost() -> None:
    """Two others of 1e−30 each: taken off from 1 they would be nothing."""
    probs = np.array([1.0, 1e-30, 1e-30])
    view = views.distribution(np.log(probs), [stage("model", probs)], Letters(), pos=0, top=1, segments=1)
    assert view.tail.p_model == view.rest == 2e-30


def test_ids_without_a_token_are_numbers() -> None:
    """Some models have more rows than their vocabulary has tokens."""
    probs = np.full(8, 0.125)
    view = views.distribution(np.zeros(8), [stage("model", probs)], Letters(), pos=0)
    assert [row.label for row in view.rows] == ["a", "b", "c", "d", "e", "f", "[6]", "[7]"]
    assert (view.entropy, view.effective) == (3.0, 8.0)  # eight equal choices: log2 8


few = hnp.arrays(np.float64, st.integers(1, 40), elements=st.sampled_from([0.0, 0.1, 0.25, 0.5, 2.0]))


@given(few.filter(lambda values: values.sum() > 0))
def test_span_is_where_decoding_draws(values: npt.NDArray[np.float64]) -> None:
    """The bar of the picture and the bar of ``decoding.draw`` are one."""
    order, edges = decoding.cumulative(values)
    for place, token in enumerate(order.tolist()):
        assert span(values, token) == pytest.approx((edges[place], edges[place + 1]), abs=1e-12)
