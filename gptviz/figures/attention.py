"""One head's attention as a heat map, and the causal mask."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import plotly.graph_objects as go

from gptviz.figures.theme import (
    blank,
    colour_bar,
    escape,
    indigo_scale,
    palette,
    position_axis,
    say,
    signed_scale,
)
from gptviz.theme import Palette
from gptviz.views import AttentionView, MaskView

_GAP = 1  # px between cells
_STRIKE = 0.32  # half the length of the stroke through a masked cell, in cells


def heatmap(view: AttentionView, *, chosen: tuple[int, int] | None = None, lang: str = "en",
            theme: str = "light") -> go.Figure:  # fmt: skip
    """The head's matrix; masked cells are struck out. ``chosen`` = (query_pos, key_pos) is framed."""
    colours = palette(theme)
    words = {"layer": view.layer, "head": view.head, "stage": say(f"attention.stage.{view.stage}", lang)}
    figure = _square(view.labels, say("attention.title", lang, **words), colours, lang)
    most = max(abs(view.min), abs(view.max)) or 1.0
    low, high, scale = (0.0, 1.0, indigo_scale(colours)) if view.stage == "pattern" else (
        -most, most, signed_scale(colours))  # fmt: skip
    figure.add_trace(
        go.Heatmap(
            z=view.values, zmin=low, zmax=high, colorscale=scale, xgap=_GAP, ygap=_GAP, hoverongaps=False,
            customdata=_pairs(view.labels), colorbar=colour_bar(colours, say(f"attention.bar.{view.stage}", lang)),
            hovertemplate="%{customdata[0]} → %{customdata[1]}<br>%{z:.4f}<extra></extra>", name="attention",
        )
    )  # fmt: skip
    figure.add_trace(_struck(np.isnan(view.values), colours))
    if chosen is not None:
        query, key = chosen
        figure.add_shape(type="rect", x0=key - 0.5, x1=key + 0.5, y0=query - 0.5, y1=query + 0.5,
                         line={"color": colours.draw, "width": 2})  # fmt: skip
    return figure


def mask(view: MaskView, *, lang: str = "en", theme: str = "light") -> go.Figure:
    """Which key each query may look at: a filled cell where it may, a struck-out one where it may not."""
    colours = palette(theme)
    figure = _square(view.labels, say("mask.title", lang), colours, lang)
    figure.add_trace(
        go.Heatmap(
            z=np.where(view.allowed, 1.0, np.nan).astype(np.float32), zmin=0, zmax=1, showscale=False, xgap=_GAP,
            ygap=_GAP, colorscale=[[0.0, colours.panel], [1.0, indigo_scale(colours)[4][1]]], hoverongaps=False,
            customdata=_pairs(view.labels), name="mask",
            hovertemplate="%{customdata[0]} → %{customdata[1]}<extra></extra>",
        )
    )  # fmt: skip
    figure.add_trace(_struck(~view.allowed, colours))
    return figure


def _square(labels: Sequence[str], title: str, colours: Palette, lang: str) -> go.Figure:
    """An empty matrix of positions against positions, the first query on top."""
    side = max(360, min(860, 160 + 30 * len(labels)))
    figure = blank(colours, title, width=side + 60, height=side)
    figure.update_xaxes(
        position_axis(labels, say("attention.keys", lang)), side="bottom", tickangle=-45 if len(labels) > 1 else 0
    )
    down = position_axis(labels, say("attention.queries", lang))
    figure.update_yaxes(down | {"range": down["range"][::-1]}, scaleanchor="x")
    return figure


def _pairs(labels: Sequence[str]) -> npt.NDArray[np.object_]:
    """(T, T, 2): label and position of query and key of each cell, for the readout."""
    safe = np.array([f"{escape(label)} ({pos})" for pos, label in enumerate(labels)], dtype=object)
    return np.stack(np.broadcast_arrays(safe[:, None], safe[None, :]), axis=-1)


def _struck(masked: npt.NDArray[np.bool_], colours: Palette) -> go.Scatter:
    """A layer of its own: one stroke through each masked cell."""
    query, key = (where.astype(np.float32) for where in np.nonzero(masked))
    gap = np.full_like(key, np.nan)
    x = np.stack((key - _STRIKE, key + _STRIKE, gap), axis=1).ravel()
    y = np.stack((query + _STRIKE, query - _STRIKE, gap), axis=1).ravel()
    return go.Scatter(x=x, y=y, mode="lines", line={"color": colours.cut, "width": 1}, hoverinfo="skip", name="masked")
