"""One choice stage by stage, and branches side by side: worked numbers, and the whole vocabulary accounted for."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gptviz import decoding, figures, views
from gptviz.decoding.path import PathTree
from gptviz.language_model import LanguageModel
from gptviz.readings import reading
from gptviz.tokens.tokenizer import Tokenizer

LETTERS = Tokenizer.characters("abcdefgh")
HALVES = np.log(np.float32([0.5, 0.25, 0.125, 0.0625, 0.0625]))


def _view(logits: np.ndarray, sample: decoding.Sample, u: float = 0.5, **more: object) -> views.PipelineView:
    stages = decoding.stages(logits, sample)
    draw = decoding.draw(stages[-1].probs, u)
    return views.pipeline(logits, stages, LETTERS, pos=0, u=u, draw=draw, **more)  # type: ignore[arg-type]


def test_worked_example() -> None:
    """p = 1/2 1/4 1/8 1/16 1/16, entropy 1/2·1 + 1/4·2 + 1/8·3 + 2·1/16·4 = 1.875 bits. Top-k 2 keeps mass 3/4 as 2/3
    and 1/3: entropy log2 3 − 2/3. u = 0.7 lies in [2/3, 1): token b, whose neighbour before it is a."""
    view = _view(HALVES, decoding.Sample(top_k=2), u=0.7, settings={"top_k": 2})
    model, top_k = view.stages
    assert (model.name, model.kept, model.mass, model.setting) == ("model", 5, 1.0, None)
    assert model.entropy == pytest.approx(1.875, abs=1e-6)
    assert (top_k.name, top_k.kept, top_k.setting) == ("top_k", 2, 2)
    assert top_k.mass == pytest.approx(0.75, abs=1e-6)
    assert top_k.entropy == pytest.approx(math.log2(3) - 2 / 3, abs=1e-6)
    assert [row.label for row in view.rows] == list("abcde")
    assert [row.cut_at for row in view.rows] == [None, None, 1, 1, 1]
    assert view.rows[0].p == pytest.approx((0.5, 2 / 3), abs=1e-6)
    choice = view.choice
    assert choice is not None
    assert (choice.label, choice.place, choice.after) == ("b", 2, None)
    assert (choice.low, choice.high) == pytest.approx((2 / 3, 1), abs=1e-6)
    assert choice.before is not None
    assert choice.before.label == "a"


def test_tail_is_one_token_as_likely_as_all_of_it() -> None:
    """Of five tokens two have rows: the tail's logit is ln(1/8 + 1/16 + 1/16) = ln 1/4, and softmax of the three gives
    what the model gives."""
    view = _view(HALVES, decoding.Sample(), u=0.0, top=2)
    assert (view.tail.count, view.tail.kept) == (3, (3,))
    assert view.tail.logit == pytest.approx(math.log(0.25), abs=1e-6)
    assert view.tail.p == pytest.approx((0.25,), abs=1e-6)


def test_drawn_and_taken_tokens_always_have_a_row() -> None:
    view = _view(HALVES, decoding.Sample(), u=0.99, taken=2, top=2)
    assert [(row.label, row.rank, row.drawn, row.taken) for row in view.rows] == [
        ("c", 3, False, True), ("e", 5, True, False)]  # fmt: skip


logits = st.lists(st.floats(-20, 20, width=32), min_size=2, max_size=8)
samples = st.builds(
    decoding.Sample,
    temperature=st.floats(0, 3),
    top_k=st.none() | st.integers(1, 9),
    top_p=st.none() | st.floats(0, 1),
    min_p=st.none() | st.floats(0, 1),
    typical_p=st.none() | st.floats(0.01, 1),
    eta_cutoff=st.none() | st.floats(0, 0.5),
)


@given(logits, samples, st.floats(0, 1, exclude_max=True), st.integers(1, 8))
def test_nothing_is_lost(values: list[float], sample: decoding.Sample, u: float, top: int) -> None:
    """At every stage rows and tail make 1 and all tokens kept; the token drawn is the one whose stretch holds u."""
    view = _view(np.float32(values), sample, u=u, top=top)
    for place, stage in enumerate(view.stages):
        assert sum(row.p[place] for row in view.rows) + view.tail.p[place] == pytest.approx(1, abs=1e-5)
        alive = sum(row.cut_at is None or row.cut_at > place for row in view.rows)
        assert alive + view.tail.kept[place] == stage.kept
        assert 0 < stage.mass <= 1 + 1e-6
    assert view.choice is not None
    assert view.choice.low <= u < view.choice.high
    assert sum(row.drawn for row in view.rows) == 1
    for before, after in zip(view.bar, view.bar[1:], strict=False):
        assert before.high == after.low


@pytest.fixture
def forked() -> PathTree:
    """a b c, and after a also d e; and f alone."""
    path = PathTree()
    path.extend((0, 1, 2), "drawn")
    path.go(1)
    path.extend((3, 4), "chosen")
    path.go(0)
    path.add(5, "chosen")
    return path


def test_tree_lays_first_children_on_their_parents_lane(forked: PathTree) -> None:
    logprobs = {1: -1.0, 2: -2.0, 3: -3.0, 4: -0.5}
    view = views.tree(forked, LETTERS, logprobs)
    assert [(node.label, node.depth, node.lane) for node in view.nodes] == [
        ("", 0, 0), ("a", 1, 0), ("b", 2, 0), ("c", 3, 0), ("d", 2, 1), ("e", 3, 1), ("f", 1, 2)]  # fmt: skip
    assert (view.lanes, view.depth, view.left_out) == (3, 3, 0)
    totals = {node.label: node.total for node in view.nodes}
    assert totals["c"] == -6.0
    assert totals["d"] == -1.5
    assert totals["e"] is None  # not known, so neither is its sum
    assert [node.label for node in view.nodes if node.on_line] == ["", "f"]


def test_older_branches_are_left_out_but_never_the_line(forked: PathTree) -> None:
    forked.jump(3)  # c, on the oldest branch
    view = views.tree(forked, LETTERS, {}, most=1)
    assert [node.label for node in view.nodes] == ["", "a", "b", "c", "f"]
    assert view.left_out == 1


def test_pair_is_what_the_model_says_of_both(lm: LanguageModel) -> None:
    """Against the traces themselves: log-probabilities, distributions, one row of the pattern, Jensen-Shannon."""
    prompt = lm.tokenizer.encode("The cat sat on the")
    a, b = lm.trace([*prompt, 300, 301, 302]), lm.trace([*prompt, 300, 401, 402, 403])
    view = views.pair(a, b, len(prompt), lm.tokenizer, layer=2, head=3)
    assert (view.shared, view.step, view.steps) == (1, 2, 3)
    assert view.b.logprob == pytest.approx(float(b.logprobs[len(prompt) :].sum()), rel=1e-6)
    assert view.a.mean == pytest.approx(view.a.logprob / 3)
    pos = len(prompt) + 1
    p, q = (np.exp(t.logits_at(pos).astype(np.float64)) for t in (a, b))
    p, q = p / p.sum(), q / q.sum()
    for row in view.rows:
        assert (row.p_a, row.p_b) == pytest.approx((p[row.id], q[row.id]), rel=1e-6)
    assert sum(row.p_a for row in view.rows) + view.tail.p_a == pytest.approx(1)
    middle = (p + q) / 2
    distance = (np.sum(p * np.log2(p / middle)) + np.sum(q * np.log2(q / middle))) / 2
    assert view.divergence == pytest.approx(distance, rel=1e-6)
    assert {row.id for row in view.rows if row.next_a or row.next_b} == {302, 402}
    np.testing.assert_allclose(view.b.weights, b.pattern[2, 3, pos, : pos + 1])
    assert view.b.labels[-1] == views.labels(b)[pos]


def test_before_they_part_both_branches_are_alike(lm: LanguageModel) -> None:
    a, b = lm.trace([574, 300, 301]), lm.trace([574, 300, 401])
    view = views.pair(a, b, 1, lm.tokenizer, step=1)
    assert view.divergence == pytest.approx(0, abs=1e-6)
    assert view.a.labels == view.b.labels
    with pytest.raises(IndexError, match="step"):
        views.pair(a, b, 1, lm.tokenizer, step=3)


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize(
    "sample", [decoding.Sample(), decoding.Sample(temperature=0), decoding.Sample(top_k=3, min_p=0.2)]
)
def test_figure_shows_each_stage(sample: decoding.Sample, lang: str) -> None:
    view = _view(HALVES, sample, u=0.3)
    figure = figures.pipeline.columns(view, lang=lang, theme="dark")
    bars = {trace.name: list(trace.x) for trace in figure.data if trace.name in [stage.name for stage in view.stages]}
    assert list(bars) == [stage.name for stage in view.stages]
    assert bars["model"] == pytest.approx([0.5, 0.25, 0.125, 0.0625, 0.0625], abs=1e-6)
    draw = next(trace for trace in figure.data if trace.name == "draw")
    assert sum(draw.y) == pytest.approx(1)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_readings_say_the_numbers(forked: PathTree, lang: str) -> None:
    said = reading(_view(HALVES, decoding.Sample(top_k=2), u=0.7, settings={"top_k": 2}), lang)
    for number in ("1.9", "75.0%", "0.700", "0.667"):
        assert number in said
    said = reading(views.tree(forked, LETTERS, {1: -1.0, 2: -2.0, 3: -3.0}), lang)
    assert "abc" in said
    assert "−6.0" in said
