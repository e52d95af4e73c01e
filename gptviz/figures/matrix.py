"""What the figures of matrices share: cells with a number each, rows from above, names along both sides."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import plotly.graph_objects as go

from gptviz.figures.theme import blank, escape, position_axis
from gptviz.rounding import number
from gptviz.theme import Palette

_GAP = 1  # px between cells


def board(colours: Palette, title: str, down: Sequence[str], across: Sequence[str], *, names: tuple[str, str],
          cell: tuple[int, int] = (30, 30)) -> go.Figure:  # fmt: skip
    """An empty matrix: ``down`` along the left, the first above, ``across`` below; ``names`` of both; a cell in px."""
    wide, high = (max(360, min(1100, 160 + size * len(each))) for size, each in zip(cell, (across, down), strict=True))
    figure = blank(colours, title, width=wide + 60, height=high)
    figure.update_xaxes(position_axis(across, names[1]), side="bottom", tickangle=-45 if len(across) > 1 else 0)
    left = position_axis(down, names[0])
    figure.update_yaxes(left | {"range": left["range"][::-1]})
    return figure


def cells(z: npt.NDArray[Any], scale: Any, *, low: float, high: float, said: npt.NDArray[np.object_] | None = None,
          bar: dict[str, Any] | None = None, **more: Any) -> go.Heatmap:  # fmt: skip
    """The cells of (rows, columns) numbers; ``said``: what each says when it is pointed at, escaped already."""
    return go.Heatmap(
        z=z, zmin=low, zmax=high, colorscale=scale, xgap=_GAP, ygap=_GAP, hoverongaps=False, text=said,
        hovertemplate="%{text}<extra></extra>" if said is not None else "%{z:.3f}<extra></extra>",
        showscale=bar is not None, colorbar=bar, **more,
    )  # fmt: skip


def pairs(down: Sequence[str], across: Sequence[str], z: npt.NDArray[Any], digits: int = 3) -> npt.NDArray[np.object_]:
    """(rows, columns): both names and the number of each cell, escaped."""
    found = np.empty(z.shape, dtype=object)
    for i, one in enumerate(down):
        for j, other in enumerate(across):
            found[i, j] = f"{escape(one)} ({i}) · {escape(other)} ({j})<br>{number(float(z[i, j]), digits)}"
    return found
