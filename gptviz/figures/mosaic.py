"""All heads of all layers in one picture."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

from gptviz.figures.theme import blank, colour_bar, indigo_scale, palette, plain_axis, say
from gptviz.theme import Palette
from gptviz.views import MosaicView

_TILE = 74  # px, at least


def grid(
    view: MosaicView, *, chosen: tuple[int, int] | None = None, lang: str = "en", theme: str = "light"
) -> go.Figure:
    """Rows are layers, columns heads; ``chosen`` = (layer, head) is framed."""
    colours, tile = palette(theme), view.tile
    down, across = view.n_layer * tile, view.n_head * tile
    size = max(_TILE, min(110, 520 // view.n_head))
    title = say("mosaic.title", lang, n_layer=view.n_layer, n_head=view.n_head)
    figure = blank(colours, title, width=view.n_head * size + 130, height=view.n_layer * size + 80)
    z = view.tiles.transpose(0, 2, 1, 3).reshape(down, across)  # (n_layer · tile, n_head · tile)
    bar = colour_bar(colours, say("attention.bar.pattern", lang), tickmode="array", ticktext=["0", "0.5", "1"],
                     tickvals=[0, 127.5, 255])  # fmt: skip
    figure.add_trace(
        go.Heatmap(
            z=z, zmin=0, zmax=255, colorscale=indigo_scale(colours), hoverinfo="skip", colorbar=bar, name="mosaic"
        )
    )
    figure.add_trace(_masked(view, colours))
    figure.update_xaxes(plain_axis(colours), tickmode="array", tickvals=_middles(view.n_head, tile),
                        ticktext=[f"H{head}" for head in range(view.n_head)], range=[-0.5, max(across, 1) - 0.5],
                        side="top", constrain="domain")  # fmt: skip
    figure.update_yaxes(plain_axis(colours), tickmode="array", tickvals=_middles(view.n_layer, tile),
                        ticktext=[f"L{layer}" for layer in range(view.n_layer)], range=[max(down, 1) - 0.5, -0.5],
                        scaleanchor="x", constrain="domain")  # fmt: skip
    _frames(figure, view, chosen, colours)
    return figure


def _middles(count: int, tile: int) -> list[float]:
    return [i * tile + (tile - 1) / 2 for i in range(count)]


def _frames(figure: go.Figure, view: MosaicView, chosen: tuple[int, int] | None, colours: Palette) -> None:
    """Hairlines between the tiles, and a frame around the chosen one."""
    tile, right, bottom = view.tile, view.n_head * view.tile - 0.5, view.n_layer * view.tile - 0.5
    hair = {"color": colours.line, "width": 2}
    lines = [{"type": "line", "x0": i * tile - 0.5, "x1": i * tile - 0.5, "y0": -0.5, "y1": bottom, "line": hair}
             for i in range(view.n_head + 1)]  # fmt: skip
    lines += [{"type": "line", "x0": -0.5, "x1": right, "y0": i * tile - 0.5, "y1": i * tile - 0.5, "line": hair}
              for i in range(view.n_layer + 1)]  # fmt: skip
    if chosen is not None:
        x, y = chosen[1] * tile - 0.5, chosen[0] * tile - 0.5
        lines.append({"type": "rect", "x0": x, "x1": x + tile, "y0": y, "y1": y + tile,
                      "line": {"color": colours.accent, "width": 2.5}})  # fmt: skip
    figure.update_layout(shapes=lines)


def _masked(view: MosaicView, colours: Palette) -> go.Scatter:
    """A layer of its own: the masked staircase of every tile, hatched."""
    tile = view.tile
    if tile < 2:
        return go.Scatter(x=[], y=[], mode="lines", hoverinfo="skip", name="masked")
    step = np.arange(1, tile)
    # corners: from the first masked cell's upper left down the stairs, (1, 0) (1, 1) (2, 1) …, then back over the top
    x = np.concatenate((np.repeat(step, 2), [tile, tile, 1, np.nan])) - 0.5
    y = np.concatenate((np.stack((step - 1, step), axis=1).ravel(), [tile - 1, 0, 0, np.nan])) - 0.5
    heads, layers = np.meshgrid(np.arange(view.n_head), np.arange(view.n_layer))
    return go.Scatter(
        x=(heads.reshape(-1, 1) * tile + x).ravel().astype(np.float32),
        y=(layers.reshape(-1, 1) * tile + y).ravel().astype(np.float32),
        mode="lines", line={"width": 0}, fill="toself", fillcolor=colours.panel, hoverinfo="skip", name="masked",
        fillpattern={"shape": "/", "size": 5, "solidity": 0.14, "fgcolor": colours.cut, "bgcolor": colours.panel},
    )  # fmt: skip
