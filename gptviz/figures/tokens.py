"""The prompt as coloured chips."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import plotly.graph_objects as go

from gptviz.figures.theme import NUMBERS, SIZE, SMALL, blank, colour_bar, escape, palette, say, warm_scale
from gptviz.rounding import number, percent
from gptviz.theme import FULL
from gptviz.views import Chip, ChipsView

Ids = npt.NDArray[np.intp]
_FEWEST = 5  # chips a line has room for
_LONGEST = 12  # characters of a label shown on its chip; the readout has all


def chips(view: ChipsView, *, columns: int = 12, lang: str = "en", theme: str = "light") -> go.Figure:
    """One chip a token in reading order, ``columns`` to a line; colour is surprisal, a magenta frame says generated."""
    colours = palette(theme)
    count = len(view.chips)
    columns = max(1, min(columns, count))
    lines = max(1, -(-count // columns))
    figure = blank(
        colours, say("chips.title", lang, count=count), width=max(columns, _FEWEST) * 78 + 32, height=lines * 52 + 108
    )
    row, column = np.divmod(np.arange(count), columns)
    known = np.array([chip.surprisal is not None for chip in view.chips], dtype=np.bool_)
    z = np.full((lines, columns), np.nan, dtype=np.float32)
    z[row[known], column[known]] = [chip.surprisal for chip in view.chips if chip.surprisal is not None]
    below = {"orientation": "h", "len": 260, "lenmode": "pixels", "x": 0, "xanchor": "left", "y": 0, "yanchor": "top"}
    bar = colour_bar(colours, say("chips.bar", lang), side="bottom", **below)
    figure.add_trace(
        go.Heatmap(z=z, zmin=0, zmax=FULL, colorscale=warm_scale(colours), colorbar=bar, xgap=3, ygap=3,
                   hoverinfo="skip", name="surprisal")
    )  # fmt: skip
    path = np.array([chip.path for chip in view.chips], dtype=np.bool_)
    given = ~known & ~path  # no surprisal is not a surprisal of 0
    figure.add_trace(_outline(row[given], column[given], {"color": colours.cut, "width": 1, "dash": "dot"}, "given"))
    figure.add_trace(_outline(row[path], column[path], {"color": colours.draw, "width": 2}, "path"))
    figure.add_trace(
        go.Scatter(
            x=column, y=row, mode="text", text=[_face(chip) for chip in view.chips], name="tokens",
            textfont={"family": NUMBERS, "size": SIZE, "color": colours.ink},
            hovertext=[_readout(pos, chip, lang) for pos, chip in enumerate(view.chips)], hoverinfo="text",
        )
    )  # fmt: skip
    figure.update_xaxes(visible=False, range=[-0.5, max(columns, _FEWEST) - 0.5])
    figure.update_yaxes(visible=False, range=[lines - 0.5, -0.5])
    return figure


def _face(chip: Chip) -> str:
    name = chip.label if len(chip.label) <= _LONGEST else chip.label[: _LONGEST - 1] + "…"
    shown = f"<i>{escape(name)}</i>" if chip.special else escape(name)
    return f"{shown}<br><span style='font-size:{SMALL}px'>{chip.id}</span>"


def _outline(row: Ids, column: Ids, line: dict[str, Any], name: str) -> go.Scatter:
    """Frames around some of the chips."""
    offsets = np.array([[-0.46, -0.44], [0.46, -0.44], [0.46, 0.44], [-0.46, 0.44], [-0.46, -0.44], [np.nan, np.nan]])
    corners = np.stack((column, row), axis=1)[:, None, :] + offsets  # (n, 6, 2)
    x, y = corners[..., 0].ravel(), corners[..., 1].ravel()
    return go.Scatter(x=x, y=y, mode="lines", line=line, hoverinfo="skip", name=name)


def _readout(pos: int, chip: Chip, lang: str) -> str:
    lines = [f"{pos} · {escape(chip.label)}", f"{say('chips.id', lang)} {chip.id} · {chip.bytes}"]
    if chip.special:
        lines.append(say("chips.special", lang))
    if chip.surprisal is None or chip.prob is None:
        lines.append(say("chips.given", lang))
    else:
        lines.append(say("chips.surprisal", lang, bits=number(chip.surprisal, 2), percent=percent(chip.prob, 2)))
    if chip.rank is not None:
        lines.append(say("chips.rank", lang, rank=f"{chip.rank:,}"))
    if chip.piece is not None:
        piece = chip.piece
        lines.append(say("chips.piece", lang, index=piece.index + 1, count=piece.count, of=piece.of))
    return "<br>".join(lines)
