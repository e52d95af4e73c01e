"""Comparisons and spreads as views, by hand, and as figures."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest

from gptviz.decoding import Greedy
from gptviz.decoding.draws import Draw, spread
from gptviz.decoding.records import Column, Kept, Model, Run, StepRecord
from gptviz.figures import decoding as figures
from gptviz.figures import theme
from gptviz.i18n import languages
from gptviz.views import decoding as views

EURO = "€".encode()  # three bytes


def step(piece: bytes, bits: float, entropy: float = 2.0, after: float = 1.0) -> StepRecord:
    chain = (Kept("model", 9, entropy), Kept("top_k", 2, after))
    return StepRecord(piece[0] if piece else 0, piece, -bits * math.log(2), 0.5, 0.5, chain, ())


def run(**columns: list[StepRecord]) -> Run:
    made = {
        name: Column(Greedy(), tuple(steps), b"".join(s.piece for s in steps).decode("utf-8", "replace"), 3, 0.5)
        for name, steps in columns.items()
    }
    return Run(Model("tiny", "0" * 16), (1, 2), (b"a", b"b"), 0, 9, made)


def test_words_put_the_bytes_of_a_character_together() -> None:
    """Surprisal of a word is that of its tokens together (the chain rule): 1 + 2 + 0.5 bits."""
    steps = [step(b" the", 1), step(EURO[:1], 1), step(EURO[1:2], 2), step(EURO[2:], 0.5), step(b"\n", 3)]
    column = views.comparison(run(one=steps)).columns[0]
    found = [(word.first, word.stop, word.text) for word in column.words]
    assert found == [(0, 1, " the"), (1, 4, "€"), (4, 5, "↵\n")]
    assert [word.surprisal for word in column.words] == pytest.approx([1, 3.5, 3])


def test_where_columns_leave_and_loop() -> None:
    same = [step(b"a", 1), step(b"b", 1)]
    other = [*same, step(b"c", 1), step(b"x", 1), step(b"x", 1), step(b"x", 1)]
    view = views.comparison(run(one=[*same, step(b"d", 1)], two=other, three=other))
    assert [column.leaves for column in view.columns] == [None, 2, None]
    assert [word.leaves for word in view.columns[1].words] == [False, False, True, False, False, False]
    assert [word.loops for word in view.columns[1].words] == [False, False, False, True, True, True]
    assert (view.prompt, view.steps, view.most) == ("ab", 6, 2.0)


def test_flowing_text_hides_nothing() -> None:
    assert views.flowing(b"a  b") == "a  b"
    assert views.flowing("\u202eab\x00".encode()) == "⟨202E⟩ab␀"
    assert views.flowing(EURO[:2]) == "E2 82"


def test_spread_counts_every_draw() -> None:
    """Lengths 1, 1, 3 in bins one wide; logprobs -1, -1, -6 are -1, -1, -2 per token."""
    made = [((5,), "a", -1.0), ((5,), "a", -1.0), ((5, 6, 7), "b\n", -6.0)]
    drawn = [Draw(i, i, tokens, text, nats, "length") for i, (tokens, text, nats) in enumerate(made)]
    view = views.spread(spread(drawn), bins=4)
    assert view.lengths == ((0.5, 1.5, 2), (1.5, 2.5, 0), (2.5, 3.5, 1))
    assert [b.count for b in view.logprobs] == [1, 0, 0, 2]
    assert (view.logprobs[0].low, view.logprobs[-1].high) == (-2.0, -1.0)
    assert view.texts == (("a", 2), ("b↵\n", 1))
    assert (view.n, view.distinct_texts, view.mean_length) == (3, 2, pytest.approx(5 / 3))
    with pytest.raises(ValueError, match="no draws"):
        views.spread(spread([]))


@pytest.mark.parametrize("most", [1, 7, 20, 21, 999])
def test_bins_of_lengths_are_whole_and_hold_all(most: int) -> None:
    drawn = [Draw(i, i, (0,) * n, "t", -1.0 * n, "length") for i, n in enumerate({1, most, (most + 1) // 2})]
    bins = views.spread(spread(drawn)).lengths
    assert sum(b.count for b in bins) == len(drawn)
    assert len(bins) <= 20
    assert {(b.high - b.low) % 1 for b in bins} == {0.0}


HOSTILE = ["<b>", "$x$", "&amp;", "%{x}", "\u202eab", "\x00", " ", "\n", "中", "x" * 200]


@pytest.mark.parametrize("shade", theme.PALETTES)
@pytest.mark.parametrize("lang", languages())
def test_figures_of_hard_views(lang: str, shade: str) -> None:
    """They can be sent as JSON, wear their theme, leave no text key unfilled, and escape what was generated."""
    view = views.comparison(
        run(**{"<b>$": [step(text.encode(), 2.5) for text in HOSTILE], "greedy": [step(b"a", 0.0)]})
    )
    draws = [Draw(i, i, (1,), text, -1.0, "end") for i, text in enumerate(HOSTILE)]
    for figure in (
        figures.lines(view, lang=lang, theme=shade),
        figures.texts(view, lang=lang, theme=shade),
        figures.spread(views.spread(spread(draws)), lang=lang, theme=shade),
    ):
        sent = json.loads(figure.to_json())
        words = json.dumps(sent["layout"], ensure_ascii=False)
        assert sent["layout"]["paper_bgcolor"] == theme.PALETTES[shade].panel
        assert "figure." not in words
        assert "{n}" not in words
        shown = json.dumps(sent["data"], ensure_ascii=False)
        assert "<b>" not in shown
        assert "$x$" not in shown


def test_lines_are_the_views_numbers() -> None:
    view = views.comparison(run(a=[step(b"x", 1.5, 3.0, 0.5), step(b"y", 2.5, 1.0, 0.0)]))
    bars, model, after = figures.lines(view).data
    assert (list(bars.y), list(model.y), list(after.y)) == ([1.5, 2.5], [3.0, 1.0], [0.5, 0.0])
    assert list(model.x) == [1, 2]


def test_a_short_name_is_said_in_the_readers_language() -> None:
    view = views.comparison(run(greedy=[step(b"x", 1)]))
    figure: Any = figures.lines(view, lang="zh")
    assert figure.layout.yaxis.title.text == "贪心"
