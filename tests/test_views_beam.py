"""The beam's view against a search worked out by hand, and against the engine on models of all kinds; its figure."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gptviz.decoding import Beam, beam_search
from gptviz.i18n import languages
from gptviz.language_model import LanguageModel, LocalModel
from gptviz.views.beam import Rung, TreeView, ladder, outcome, tree

beams = st.builds(
    lambda each, groups, penalty, stopping, diversity: Beam(each * groups, penalty, groups, diversity, stopping),
    st.integers(1, 3), st.integers(1, 3), st.sampled_from([-1.0, 0.0, 0.5, 1.0, 2.0]),
    st.sampled_from([False, True, "never"]), st.sampled_from([0.0, 0.5, 3.0]),
)  # fmt: skip


class Ending:
    """The tiny model's tokenizer with one of its characters as end-of-text."""

    def __init__(self, lm: LanguageModel, end: int) -> None:
        self._tokenizer, self.end_of_text = lm.tokenizer, end

    def __getattr__(self, name: str) -> Any:
        return getattr(self._tokenizer, name)


@pytest.fixture(params=[None, 3, 17])
def ending_lm(request: pytest.FixtureRequest, tiny_lm: LanguageModel) -> LanguageModel:
    """The tiny model without, and with two different, end-of-text tokens: so that texts end at all steps."""
    if request.param is None:
        return tiny_lm
    return LocalModel(tiny_lm.model, Ending(tiny_lm, request.param), name="ending")  # type: ignore[arg-type]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(beam=beams, first=st.integers(0, 63), limit=st.integers(1, 6))
def test_every_number_of_the_tree_follows_from_its_own(
    ending_lm: LanguageModel, beam: Beam, first: int, limit: int
) -> None:
    """Totals add up along the line, scores divide by length**penalty, ranks are in order, reasons are true."""
    steps = list(beam_search(ending_lm, [first], beam, max_new_tokens=limit))
    view = tree(steps, beam, ending_lm.tokenizer)
    nodes = [node for column in view.columns for node in column]
    assert [node.id for node in nodes] == list(range(len(nodes)))
    for node in nodes:
        before = nodes[node.parent].total if node.parent is not None else 0.0
        assert node.total == pytest.approx(before + node.logprob - node.penalty, abs=1e-4)
        assert node.divisor == pytest.approx((node.step + 1) ** beam.length_penalty)
        assert node.score == pytest.approx(node.total / node.divisor, rel=1e-5)
        assert node.p == pytest.approx(math.exp(node.logprob))
        assert (node.parent is None) == (node.step == 0)
        assert node.heirs == sum(n.parent == node.id and n.fate in ("kept", "finished", "outscored") for n in nodes)
        if node.fate in ("crowded_out", "ended_too_low"):
            assert node.against is None or node.total <= node.against + 1e-6
            assert node.against is not None or node.fate == "ended_too_low"
        if node.fate in ("outscored", "stopped"):
            assert node.against is not None
        if node.fate == "outscored":
            assert node.score <= node.against + 1e-6
        if node.fate == "stopped" and beam.early_stopping is False and node.rank == 1:
            assert node.score <= node.against + 1e-6
    for column in view.columns:
        for group in range(beam.n_groups):
            totals = [n.total for n in column if n.group == group]
            assert totals == sorted(totals, reverse=True)
            assert sum(n.fate == "kept" for n in column if n.group == group) <= view.group_width
    _ends(view, steps, nodes)


def _ends(view: TreeView, steps: list[Any], nodes: list[Any]) -> None:
    """The finals are the engine's; the winner's line is its tokens."""
    assert view.done
    assert [(f.total, f.score, f.length) for f in view.finals] == [
        (h.total, h.score, len(h.tokens)) for h in steps[-1].finished
    ]
    line = sorted((n for n in nodes if n.winner), key=lambda n: n.step)
    assert tuple(n.token for n in line) == steps[-1].finished[0].tokens
    assert {n.id for n in nodes if n.fate == "finished"} == {f.node for f in view.finals}


def test_an_unfinished_search_is_shown_as_far_as_it_is(tiny_lm: LanguageModel) -> None:
    beam = Beam(3)
    steps = list(beam_search(tiny_lm, [1, 2], beam, max_new_tokens=5))
    for known in range(len(steps)):
        view = tree(steps[:known], beam, tiny_lm.tokenizer)
        assert (len(view.columns), view.done, view.finals) == (known, False, ())
        assert not any(node.winner for column in view.columns for node in column)


def test_ladder_by_hand(tiny_lm: LanguageModel) -> None:
    """−6 over 4 tokens at penalty 0.5 is −3; −5 over 1 token stays −5; pairs of 1 2 1 2: 12 21 12, two of three."""
    first, second = ladder([(0, [1, 2, 1, 2], -6.0), (4, [7], -5.0)], 0.5, tiny_lm.tokenizer)
    assert (first.score, second.score) == (-3.0, -5.0)
    assert first.distinct_2 == pytest.approx(2 / 3)
    assert (first.best, second.best) == (True, False)
    assert first.text == tiny_lm.tokenizer.decode([1, 2, 1, 2])


def test_outcomes() -> None:
    def rung(total: float, length: int, score: float) -> Rung:
        return Rung(1, "", length, total, score, None, False)

    greedy = rung(-6.0, 4, -1.5)
    assert outcome(rung(-6.0, 4, -1.5), greedy) == "same"
    assert outcome(rung(-5.0, 4, -1.25), greedy) == "wins"
    assert outcome(rung(-7.0, 7, -1.0), greedy) == "wins_by_length"
    assert outcome(rung(-7.0, 4, -1.75), greedy) == "loses"
    assert outcome(rung(-5.0, 2, -2.5), greedy) == "loses_by_length"


@pytest.mark.parametrize("lang", languages())
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_figure_shows_every_node_and_the_winners_line(lang: str, theme: str, tiny_lm: LanguageModel) -> None:
    pytest.importorskip("plotly")
    from gptviz.figures import beam as figures

    beam = Beam(4, n_groups=2)
    view = tree(list(beam_search(tiny_lm, [1, 2], beam, max_new_tokens=3)), beam, tiny_lm.tokenizer)
    figure = figures.tree(view, lang=lang, theme=theme)
    *_, winner, squares = figure.data
    assert len(squares.x) == sum(len(column) for column in view.columns)
    assert list(squares.marker.color) == [node.p for column in view.columns for node in column]
    assert [x for x in winner.x if x is not None] == [-1, 0, 0, 1, 1, 2]
    few = figures.tree(view, pruned=False)
    assert len(few.data[-1].x) == sum(n.fate not in ("crowded_out", "ended_too_low") for c in view.columns for n in c)
    assert len(set(zip(squares.x, squares.y, strict=True))) == len(squares.x)
    figures.tree(tree([], beam, tiny_lm.tokenizer))
