"""Embeddings: the vocabulary as a map, and positions compared two by two."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import plotly.graph_objects as go

from gptviz.analysis.embeddings import VocabularyMap
from gptviz.analysis.positions import PositionSimilarity
from gptviz.analysis.tsne import NeighbourMap
from gptviz.figures.matrix import board, cells, pairs
from gptviz.figures.theme import blank, colour_bar, escape, palette, say, signed_scale
from gptviz.rounding import percent


def vocabulary(found: VocabularyMap, lit: Mapping[int, str], *, axes: tuple[int, int] = (0, 1), lang: str = "en",
               theme: str = "light") -> go.Figure:  # fmt: skip
    """All tokens along two components; ``lit``: ids that are pointed out, with their labels."""
    across, up = (say("embeddings.component", lang, number=axis + 1, share=percent(float(found.shares[axis]), 1))
                  for axis in axes)  # fmt: skip
    title = say("embeddings.components", lang, count=len(found.places))
    return _points(found.places[:, list(axes)], lit, title, (across, up), theme)


def near(found: NeighbourMap, lit: Mapping[int, str], *, lang: str = "en", theme: str = "light") -> go.Figure:
    """The commonest tokens, near ones together; of ``lit`` those that are on the map."""
    there = {token: label for token, label in lit.items() if token < len(found.places)}
    title = say("embeddings.neighbours", lang, count=len(found.places))
    return _points(found.places, there, title, ("", ""), theme)


def positions(found: PositionSimilarity, *, lang: str = "en", theme: str = "light") -> go.Figure:
    """How alike two positions are, −1 to 1."""
    colours = palette(theme)
    names = [str(pos) for pos in found.positions]
    title = say("embeddings.positions", lang, scheme=say(f"embeddings.scheme.{found.scheme}", lang))
    axis = say("embeddings.position", lang)
    figure = board(colours, title, names, names, names=(axis, axis), cell=(12, 12))
    figure.add_trace(cells(found.values, signed_scale(colours), low=-1.0, high=1.0, name="positions",
                           said=pairs(names, names, found.values, 2),
                           bar=colour_bar(colours, say("embeddings.alike", lang))))  # fmt: skip
    figure.update_yaxes(scaleanchor="x")
    return figure


def _points(places: npt.NDArray[np.float32], lit: Mapping[int, str], title: str, names: tuple[str, str], theme: str
            ) -> go.Figure:  # fmt: skip
    colours = palette(theme)
    figure = blank(colours, title, width=820, height=640)
    figure.add_trace(go.Scattergl(x=places[:, 0], y=places[:, 1], mode="markers", hoverinfo="skip", name="vocabulary",
                                  marker={"size": 3, "color": colours.cut}))  # fmt: skip
    ids = list(lit)
    figure.add_trace(go.Scatter(
        x=places[ids, 0], y=places[ids, 1], mode="markers+text", name="lit", textposition="middle right",
        marker={"size": 8, "color": colours.draw}, text=[escape(lit[token]) for token in ids], hoverinfo="text",
        hovertext=[f"{escape(lit[token])}, {token}" for token in ids], textfont={"color": colours.ink},
    ))  # fmt: skip
    figure.update_xaxes(title={"text": names[0]}, showticklabels=bool(names[0]))
    figure.update_yaxes(title={"text": names[1]}, showticklabels=bool(names[1]), scaleanchor="x")
    return figure
