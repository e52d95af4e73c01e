"""What attention moves: each weight with the size of what it weighs, and weights through all layers (rollout)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from gptviz.analysis.mixing import Floats
from gptviz.figures.matrix import board, cells, pairs
from gptviz.figures.theme import colour_bar, indigo_scale, palette, say


def value_weighted(values: Floats, labels: Sequence[str], *, layer: int, head: int, lang: str = "en",
                   theme: str = "light") -> go.Figure:  # fmt: skip
    """``values`` (T, T) of a head, as ``analysis.value_weighted`` has them: the length of what each query gets."""
    title = say("mixing.moved", lang, layer=layer, head=head)
    return _drawn(values, labels, title, say("mixing.size", lang), float(values.max(initial=0.0)) or 1.0, lang, theme)


def rollout(values: Floats, labels: Sequence[str], *, layer: int, lang: str = "en", theme: str = "light"
            ) -> go.Figure:  # fmt: skip
    """``values`` (T, T) after ``layer``, as ``analysis.rollout`` has them; each row sums to 1."""
    return _drawn(values, labels, say("mixing.rollout", lang, layer=layer), say("mixing.share", lang), 1.0, lang, theme)


def _drawn(values: Floats, labels: Sequence[str], title: str, bar: str, most: float, lang: str, theme: str
           ) -> go.Figure:  # fmt: skip
    colours = palette(theme)
    names = (say("attention.queries", lang), say("attention.keys", lang))
    figure = board(colours, title, labels, labels, names=names)
    shown = np.where(np.tri(len(labels), dtype=bool), values, np.nan)  # no token looks ahead
    figure.add_trace(cells(shown, indigo_scale(colours), low=0.0, high=most, said=pairs(labels, labels, values),
                           bar=colour_bar(colours, bar), name="mixing"))  # fmt: skip
    figure.update_yaxes(scaleanchor="x")
    return figure
