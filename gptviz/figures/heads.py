"""One score of every head of a model: rows are layers, columns heads."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from gptviz.analysis.heads import THRESHOLDS, HeadScores
from gptviz.figures.matrix import board, cells, pairs
from gptviz.figures.theme import colour_bar, indigo_scale, palette, say
from gptviz.rounding import number, setting


def grid(scores: Sequence[HeadScores], score: str = "induction", *, chosen: tuple[int, int] | None = None,
         lang: str = "en", theme: str = "light") -> go.Figure:  # fmt: skip
    """``score`` of each head (one of ``analysis.heads.SCORES``), 0 to 1, empty where it could not be measured.

    Numbers from the label's threshold on are written; ``chosen`` = (layer, head) is framed. Raises ValueError for an
    unknown score.
    """
    if score not in THRESHOLDS:
        raise ValueError(f"score must be one of {', '.join(THRESHOLDS)}, not {score!r}")
    colours = palette(theme)
    n_layer, n_head = (1 + max(each, default=0) for each in ([s.layer for s in scores], [s.head for s in scores]))
    z = np.full((n_layer, n_head), np.nan)
    for one in scores:
        value = getattr(one, score)
        z[one.layer, one.head] = np.nan if value is None else value
    down, across = [f"L{i}" for i in range(n_layer)], [f"H{i}" for i in range(n_head)]
    name = say(f"heads.score.{score}", lang)
    title = say("heads.title", lang, score=name, threshold=setting(THRESHOLDS[score]))
    figure = board(
        colours, title, down, across, names=(say("heads.layer", lang), say("heads.head", lang)), cell=(52, 38)
    )
    said = pairs(down, across, z)
    figure.add_trace(cells(z, indigo_scale(colours), low=0.0, high=1.0, said=said, bar=colour_bar(colours, name),
                           name="heads"))  # fmt: skip
    figure.update_xaxes(tickangle=0, side="top")
    for i, j in np.argwhere(z >= THRESHOLDS[score]).tolist():
        ink = colours.panel if z[i, j] > 0.5 else colours.ink
        figure.add_annotation(x=j, y=i, text=number(float(z[i, j])), showarrow=False, font={"color": ink, "size": 11})
    if chosen is not None:
        figure.add_shape(type="rect", x0=chosen[1] - 0.5, x1=chosen[1] + 0.5, y0=chosen[0] - 0.5, y1=chosen[0] + 0.5,
                         line={"color": colours.draw, "width": 2.5})  # fmt: skip
    return figure
