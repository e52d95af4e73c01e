"""Figures draw what their view holds, literally and in every language; nothing here needs a browser."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from itertools import cycle
from typing import Any

import numpy as np
import plotly.graph_objects as go
import pytest

from gptviz import decoding, figures, i18n, views
from gptviz.analysis.attribution import Ledger, Line
from gptviz.analysis.embeddings import VocabularyMap
from gptviz.analysis.heads import HeadScores
from gptviz.analysis.patching import Pair, Patching
from gptviz.analysis.positions import PositionSimilarity
from gptviz.analysis.tsne import NeighbourMap
from gptviz.figures import theme
from gptviz.tokens.labels import label
from gptviz.tokens.pieces import locate
from gptviz.views import stream
from tests.test_views import CHAIN, LOGITS, FakeTrace, Letters

pytestmark = pytest.mark.slow

HOSTILE = ["<b>", "$x$", "&amp;", "中", "<br>", "%{x}", "\u202eab", "\x00", " ", "\n"]
TEXTS = {
    "one": ["a"],
    "repeated": ["the", "the", "the"],
    "hostile": HOSTILE,
    "long": [f" t{i}" for i in range(64)],
    "longer": ["x"] * 70,  # the mosaic is pooled
}
KINDS = ("chips", "heatmap", "mask", "grid", "bars", "cumulative", "moved", "rollout", "heads", "lens", "ledger",
         "patching", "vocabulary", "near", "positions")  # fmt: skip


def drawn(kind: str, parts: Sequence[str], **options: Any) -> go.Figure:
    """The figure of a random trace (2 layers, 3 heads) of ``parts``, or of a random distribution over them."""
    T, rng = len(parts), np.random.default_rng(len(parts))
    trace = FakeTrace(locate(range(T), [part.encode() for part in parts]), _logprobs(rng, T),
                      *(rng.normal(size=(2, 3, T, 4)).astype(np.float32) for _ in range(2)))  # fmt: skip
    if kind in ("bars", "cumulative"):
        return getattr(figures.distribution, kind)(_distribution(parts, rng), **options)
    make: dict[str, Callable[..., go.Figure]] = _inside(parts, trace, rng) | {
        "chips": lambda **o: figures.tokens.chips(views.chips(trace, n_prompt=T - 1), **o),
        "heatmap": lambda **o: figures.attention.heatmap(views.attention(trace, 1, 2), chosen=(T - 1, 0), **o),
        "mask": lambda **o: figures.attention.mask(views.mask(trace), **o),
        "grid": lambda **o: figures.mosaic.grid(views.mosaic(trace), chosen=(1, 2), **o),
    }
    return make[kind](**options)


def _inside(parts: Sequence[str], trace: FakeTrace, rng: np.random.Generator) -> dict[str, Callable[..., go.Figure]]:
    """The figures of the pages inside the model, of random numbers."""
    T, names = len(parts), views.labels(trace)
    square = rng.random((T, T)).astype(np.float32)
    lens = stream.LensView(names, (names, names[::-1]), rng.random((2, T)))
    lines = [
        Line("embedding", 1.5, "embedding"),
        Line("layer 0 head 1", -2.0, "head", 0, 1),
        Line("norm", 0.25, "norm"),
    ]
    pair = Pair(trace, trace, 0, T - 1, 1.0, -1.0)  # type: ignore[arg-type]
    patched = Patching(pair, "resid", rng.normal(size=(2, T)), rng.normal(size=(2, T)))
    lit = dict(enumerate(names))
    places = rng.normal(size=(T, 3)).astype(np.float32)
    spread = VocabularyMap(
        places, np.array([0.5, 0.3, 0.2]), np.eye(3, dtype=np.float32), np.zeros(3, dtype=np.float32)
    )
    alike = PositionSimilarity("rotary", True, tuple(range(T)), 2 * square - 1)
    return {
        "moved": lambda **o: figures.mixing.value_weighted(square, names, layer=1, head=2, **o),
        "rollout": lambda **o: figures.mixing.rollout(square, names, layer=1, **o),
        "heads": lambda **o: figures.heads.grid(SCORES, "induction", chosen=(1, 0), **o),
        "lens": lambda **o: figures.stream.lens(lens, **o),
        "ledger": lambda **o: figures.stream.ledger(Ledger(tuple(lines), -0.25, T - 1), names[0], rival=names[-1], **o),
        "patching": lambda **o: figures.patching.maps(patched, Parts(parts), **o),
        "vocabulary": lambda **o: figures.embeddings.vocabulary(spread, lit, axes=(2, 0), **o),
        "near": lambda **o: figures.embeddings.near(NeighbourMap(places[:, :2], places), lit | {T: "absent"}, **o),
        "positions": lambda **o: figures.embeddings.positions(alike, **o),
    }


#: Of two layers and heads; one could not be measured.
SCORES = [HeadScores(0, 0, 0.5, 0.1, 0.0, 0.0, 0.9, 0.2, 0.3), HeadScores(0, 1, 0.5, 0.1, 0.0, 0.0, 0.1, 0.2, 0.3),
          HeadScores(1, 0, 0.5, 0.1, 0.0, 0.0, 0.3, 0.2, 0.3), HeadScores(1, 1, *[None] * 7)]  # fmt: skip


def _logprobs(rng: np.random.Generator, T: int) -> np.ndarray:
    nats = -rng.random(T).astype(np.float32)
    nats[0] = np.nan
    return nats


class Parts:
    def __init__(self, parts: Sequence[str]) -> None:
        self.parts, self.vocab_size = parts, len(parts)

    def token_bytes(self, token: int) -> bytes:
        return self.parts[token].encode()


def _distribution(parts: Sequence[str], rng: np.random.Generator) -> views.DistributionView:
    logits = rng.normal(size=len(parts)).astype(np.float32)
    stages = decoding.stages(logits, decoding.Sample(temperature=0.7, top_k=max(1, len(parts) // 2)))
    token = decoding.draw(stages[-1].probs, 0.999)
    return views.distribution(logits, stages, Parts(parts), pos=0, u=0.999, draw=token, segments=3)


@pytest.mark.slow
@pytest.mark.parametrize(("lang", "shade"), list(zip(i18n.languages(), cycle(["light", "dark"]), strict=False)))
@pytest.mark.parametrize("name", TEXTS)
@pytest.mark.parametrize("kind", KINDS)
def test_every_figure_in_every_language_of_every_hard_view(kind: str, name: str, lang: str, shade: str) -> None:
    """It can be sent as JSON, wears its theme, and no text key is left untranslated or unfilled."""
    figure = drawn(kind, TEXTS[name], lang=lang, theme=shade)
    sent = json.loads(figure.to_json())
    assert sent["layout"]["paper_bgcolor"] == theme.PALETTES[shade].panel
    words = json.dumps([sent["layout"], [trace.get("colorbar", {}) for trace in sent["data"]]], ensure_ascii=False)
    assert "figure." not in words
    assert "{" + "count" not in words
    assert figure.layout.title.text


@pytest.mark.parametrize("kind", ["heatmap", "mask"])
def test_equal_tokens_keep_their_own_rows(kind: str) -> None:
    """As categories the three would be one row: positions are numbers, and the label is only the tick's text."""
    figure = drawn(kind, TEXTS["repeated"])
    for axis in (figure.layout.xaxis, figure.layout.yaxis):
        assert axis.tickvals == (0, 1, 2)
        assert axis.ticktext == ("the", "the", "the")
        assert axis.type in (None, "linear")
    assert figure.data[0].x is None  # cells are placed by index


@pytest.mark.parametrize("kind", KINDS)
def test_labels_are_shown_literally(kind: str) -> None:
    """Nothing typed reaches plotly's pseudo-HTML or MathJax: every <, > and $ of a label is an entity by then.

    What is left of tags are the line breaks and the small type of our own.
    """
    shown = list(_texts(json.loads(drawn(kind, HOSTILE).to_json())))
    tags = re.compile(r"<br>|<span style='font-size:11px'>|</span>|<extra></extra>")
    assert not [text for text in shown if re.search("[<>$]", tags.sub("", text))]
    if kind in ("chips", "heatmap", "mask", "moved", "rollout", "lens", "patching", "vocabulary", "near"):  # all labels
        for expected in ("&lt;b&gt;", "&#36;x&#36;", "&amp;amp;", "⟨202E⟩"):
            assert any(expected in text for text in shown), expected


def test_hostile_labels_of_bars() -> None:
    view = _distribution(HOSTILE, np.random.default_rng(0))
    ticks = figures.distribution.bars(view).layout.yaxis.ticktext
    assert ticks[: len(view.rows)] == tuple(theme.escape(row.label) for row in view.rows)
    assert {"&lt;b&gt;", "&#36;x&#36;"} <= set(ticks)


def _texts(tree: Any) -> list[str]:
    if isinstance(tree, str):
        return [tree]
    children = tree.values() if isinstance(tree, dict) else tree if isinstance(tree, list) else []
    return [text for child in children for text in _texts(child)]


def test_heatmap_holds_the_view_and_strikes_out_what_is_masked() -> None:
    """Masked cells are NaN in the map (not 0) and have a stroke of their own: three of nine for three tokens."""
    view = views.attention(FakeTrace(), 0, 0)
    cells, masked = figures.attention.heatmap(view).data
    np.testing.assert_array_equal(cells.z, view.values)
    assert (cells.zmin, cells.zmax) == (0, 1)
    middles = np.stack((masked.x, masked.y), axis=1).reshape(-1, 3, 2)[:, :2].mean(axis=1)
    assert sorted(map(tuple, middles.round(5).tolist())) == [(1, 0), (2, 0), (2, 1)]  # (key, query)


@pytest.mark.parametrize("stage", ["raw", "scores", "masked"])
def test_scores_have_a_scale_with_zero_in_its_middle(stage: str) -> None:
    """Indigo means above zero and grey below, so that one colour keeps one meaning."""
    cells = figures.attention.heatmap(views.attention(FakeTrace(), 0, 0, stage)).data[0]
    assert cells.zmin == -cells.zmax == -np.nanmax(np.abs(cells.z))
    middle = [colour for at, colour in cells.colorscale if at == 0.5]
    assert middle == [theme.PALETTES["light"].panel]


def test_the_chosen_cell_and_head_are_framed() -> None:
    (frame,) = figures.attention.heatmap(views.attention(FakeTrace(), 0, 0), chosen=(2, 1)).layout.shapes
    assert (frame.x0, frame.x1, frame.y0, frame.y1) == (0.5, 1.5, 1.5, 2.5)
    frame = drawn("grid", TEXTS["repeated"]).layout.shapes[-1]  # layer 1, head 2, tiles of three
    assert (frame.x0, frame.x1, frame.y0, frame.y1) == (5.5, 8.5, 2.5, 5.5)


def test_long_texts_label_a_regular_subset_with_the_last() -> None:
    """64 labels would overlap: every second, counted back from the end."""
    axis = drawn("heatmap", TEXTS["long"]).layout.yaxis
    assert axis.tickvals == tuple(range(1, 64, 2))
    assert axis.ticktext[-1] == "·t63"
    assert axis.range == (63.5, -0.5)  # the first query on top


def test_mosaic_tiles_lie_by_layer_and_head() -> None:
    """Cell (query 2, key 0) of layer 1, head 2 is row 1·3 + 2, column 2·3 + 0 of the one picture."""
    tiles = np.arange(2 * 3 * 9, dtype=np.uint8).reshape(2, 3, 3, 3)
    figure = figures.mosaic.grid(views.MosaicView(2, 3, 3, 1, tiles))
    z = figure.data[0].z
    assert z.dtype == np.uint8
    assert z[5, 6] == tiles[1, 2, 2, 0]
    assert figure.layout.xaxis.tickvals == (1, 4, 7)
    assert figure.layout.xaxis.ticktext == ("H0", "H1", "H2")
    assert figure.layout.yaxis.ticktext == ("L0", "L1")


def test_mosaic_hatches_exactly_the_masked_cells() -> None:
    """The area of each tile's staircase is its number of masked cells, T (T − 1) / 2 = 3 (by the shoelace formula)."""
    layer = drawn("grid", TEXTS["repeated"]).data[1]
    corners = np.stack((layer.x, layer.y), axis=1)
    tiles = [part for part in np.split(corners, np.flatnonzero(np.isnan(corners[:, 0])) + 1) if len(part)]
    assert len(tiles) == 6
    for tile in tiles:
        x, y = tile[:-1].T
        assert abs((x[:-1] * y[1:] - x[1:] * y[:-1]).sum()) / 2 == 3
    assert layer.fillpattern.shape == "/"


def test_bars() -> None:
    """The numbers are those of test_views. Cut bars are hatched, as long as the model says; the drawn one magenta."""
    view = views.distribution(LOGITS, CHAIN, Letters(), pos=4, u=0.8, draw=5, top=4)
    after, model = figures.distribution.bars(view).data
    light = theme.PALETTES["light"]
    assert list(after.x) == pytest.approx([0.5, 0.25, 0.25, 0.1, 0])
    assert list(model.x) == pytest.approx([0.4, 0.2, 0.2, 0.1, 0.1])
    assert after.marker.color[:4] == (light.accent, light.accent, light.draw, light.cut)
    assert after.marker.pattern.shape == ("", "", "", "/", "x")
    assert after.text[:3] == ("50.0%", "25.0%", "25.0%")
    assert after.text[3] == i18n.translate("figure.distribution.cut.top_p", "en")


def test_without_filters_there_is_no_second_outline() -> None:
    view = views.distribution(LOGITS, CHAIN[:1], Letters(), pos=4)
    assert [trace.name for trace in figures.distribution.bars(view).data] == ["after"]


@pytest.mark.parametrize("segments", [1, 2, 3])
def test_cumulative_bar(segments: int) -> None:
    """0 to 1 without a gap; the drawn token, f from 0.75 to 1, is magenta, with or without a segment; u is marked."""
    view = views.distribution(LOGITS, CHAIN, Letters(), pos=4, u=0.8, draw=5, segments=segments)
    figure = figures.distribution.cumulative(view)
    bar = figure.data[0]
    ends = np.asarray(bar.base) + np.asarray(bar.x)
    assert [0, *ends[:-1]] == pytest.approx(list(bar.base))
    assert ends[-1] == pytest.approx(1)
    magenta = [
        (base, base + x)
        for trace in figure.data
        for base, x, colour in zip(trace.base, trace.x, trace.marker.color, strict=True)
        if colour == theme.PALETTES["light"].draw
    ]
    assert magenta == [pytest.approx((0.75, 1.0))]
    assert figure.layout.shapes[0].x0 == 0.8
    assert figure.layout.annotations[0].text == "u = 0.800 → f"


def test_chips_wrap_and_leave_the_first_uncoloured() -> None:
    """Two to a line: three tokens make two lines; the first has no surprisal, so no colour, which is not 0 bits."""
    figure = figures.tokens.chips(views.chips(FakeTrace(), n_prompt=2), columns=2)
    colours, given, path, words = figure.data
    np.testing.assert_allclose(colours.z, [[np.nan, 1], [3, np.nan]], rtol=1e-6)
    assert (tuple(words.x), tuple(words.y)) == ((0, 1, 0), (0, 0, 1))
    assert (np.nanmean(given.x), np.nanmax(given.y)) == (pytest.approx(0, abs=0.2), pytest.approx(0.44))
    assert np.nanmin(path.y) == pytest.approx(0.56)  # around the third, generated
    assert words.text[2].startswith("·a<br>")
    assert label(b"\xc3") in words.hovertext[0]


def test_an_unknown_theme_is_named() -> None:
    with pytest.raises(ValueError, match="theme must be one of light, dark, not 'blue'"):
        drawn("mask", ["a"], theme="blue")


def test_what_is_moved_leaves_out_the_future_and_rollout_has_the_scale_of_shares() -> None:
    values = np.array([[1.0, 9.0], [2.0, 4.0]], dtype=np.float32)
    (cells,) = figures.mixing.value_weighted(values, ["a", "b"], layer=0, head=1).data
    np.testing.assert_array_equal(cells.z, [[1.0, np.nan], [2.0, 4.0]])
    assert (cells.zmin, cells.zmax) == (0, 9)
    assert figures.mixing.rollout(values, ["a", "b"], layer=0).data[0].zmax == 1


def test_every_head_has_its_cell_and_a_number_from_the_threshold_on() -> None:
    figure = figures.heads.grid(SCORES, chosen=(1, 0))
    np.testing.assert_array_equal(figure.data[0].z, [[0.9, 0.1], [0.3, np.nan]])
    assert [(note.x, note.y, note.text) for note in figure.layout.annotations] == [(0, 0, "0.90"), (0, 1, "0.30")]
    (frame,) = figure.layout.shapes
    assert (frame.x0, frame.x1, frame.y0, frame.y1) == (-0.5, 0.5, 0.5, 1.5)
    with pytest.raises(ValueError, match="score must be one of previous"):
        figures.heads.grid(SCORES, "best")


def test_a_ledger_leads_from_nothing_to_the_logit() -> None:
    figure = drawn("ledger", ["a", "b"])
    (bars,) = figure.data
    ends = [base + amount for base, amount in zip(bars.base, bars.x, strict=True)]
    assert [bars.base[0], *ends] == pytest.approx([0.0, 1.5, -0.5, -0.25])
    assert list(bars.base[1:]) == pytest.approx(ends[:-1])
    light = theme.PALETTES["light"]
    assert [colour == light.accent for colour in bars.marker.color] == [True, False, True]
    assert "layer 0, head 1" in figure.layout.yaxis.ticktext[1]


def test_the_lens_writes_each_first_choice_into_its_cell() -> None:
    view = stream.LensView(("x", "y"), (("p", "q"), ("r", "s")), np.array([[0.1, 0.2], [0.3, 0.9]]))
    figure = figures.stream.lens(view)
    np.testing.assert_array_equal(figure.data[0].z, view.probs)
    assert {(note.x, note.y): note.text for note in figure.layout.annotations} == {
        (0, 0): "p", (1, 0): "q", (0, 1): "r", (1, 1): "s"}  # fmt: skip
    assert figure.layout.yaxis.ticktext == ("input", "after 0")


def test_both_maps_of_a_patching_share_one_scale_about_nothing() -> None:
    one, other = drawn("patching", ["a", "b", "c"]).data
    assert (one.name, other.name) == ("sufficient", "necessary")
    assert one.z.shape == other.z.shape == (2, 3)
    assert (one.zmin, one.zmax) == (other.zmin, other.zmax)
    assert one.zmin == -one.zmax <= -1


def test_maps_of_a_vocabulary_point_out_what_is_on_them() -> None:
    figure = drawn("near", ["a", "b", "c"])
    every, lit = figure.data
    assert (len(every.x), len(lit.x)) == (3, 3)  # the fourth is not on the map
    across = drawn("vocabulary", ["a", "b", "c"])
    assert np.array_equal(across.data[1].x, across.data[0].x)
    assert across.layout.xaxis.title.text == "component 3, 20.0% of the variance"
