"""The residual stream: the logit lens as a grid, and a logit as the ledger that sums to it."""

from __future__ import annotations

from itertools import accumulate

import numpy as np
import plotly.graph_objects as go

from gptviz.analysis.attribution import Ledger, Line
from gptviz.figures.matrix import board, cells
from gptviz.figures.theme import SMALL, blank, colour_bar, escape, indigo_scale, palette, say
from gptviz.rounding import number, percent, scientific
from gptviz.theme import mix
from gptviz.views.stream import LensView

_HIGH = 22  # px of a line of the ledger


def lens(view: LensView, *, lang: str = "en", theme: str = "light") -> go.Figure:
    """What the model would say first after each block (rows, the input above) at each position, by its probability."""
    colours = palette(theme)
    stages = [say("stream.input", lang)] + [say("stream.after", lang, layer=i) for i in range(len(view.words) - 1)]
    title = say("stream.lens", lang)
    names = (say("stream.block", lang), say("stream.token", lang))
    figure = board(colours, title, stages, view.labels, names=names, cell=(72, 28))
    said = np.array(
        [[f"{escape(stage)} · {escape(label)}<br>{escape(word)} {percent(float(p), 1)}"
          for label, word, p in zip(view.labels, words, probs, strict=True)]
         for stage, words, probs in zip(stages, view.words, view.probs, strict=True)], dtype=object,
    ).reshape(view.probs.shape)  # fmt: skip
    figure.add_trace(cells(view.probs, indigo_scale(colours), low=0.0, high=1.0, said=said, name="lens",
                           bar=colour_bar(colours, say("stream.probability", lang))))  # fmt: skip
    for i, words in enumerate(view.words):
        for j, word in enumerate(words):
            ink = colours.panel if view.probs[i, j] > 0.4 else colours.ink
            figure.add_annotation(x=j, y=i, text=escape(word), showarrow=False, font={"color": ink, "size": SMALL})
    figure.update_xaxes(side="top", tickangle=0)
    return figure


def ledger(found: Ledger, label: str, *, rival: str | None = None, lang: str = "en", theme: str = "light"
           ) -> go.Figure:  # fmt: skip
    """Each line's amount as a bar that begins where the one above ends, so that the last ends at the logit.

    ``label`` is the token's; ``rival`` that of the other one, where ``found`` is the difference of two.
    """
    colours, lines = palette(theme), found.lines
    ends = list(accumulate(line.amount for line in lines))
    values = {
        "label": label,
        "rival": rival or "",
        "logit": number(found.logit, 3),
        "error": scientific(found.error, 0),
    }
    title = say("stream.difference" if rival is not None else "stream.ledger", lang, **values)
    figure = blank(colours, title, width=760, height=110 + _HIGH * len(lines))
    figure.add_trace(go.Bar(
        y=list(range(len(lines))), x=[line.amount for line in lines], orientation="h", width=0.7, name="ledger",
        base=[end - line.amount for end, line in zip(ends, lines, strict=True)],
        marker={"color": [colours.accent if line.amount >= 0 else mix(*colours.warm, 1.0) for line in lines]},
        hovertext=[f"{_name(line, lang)}: {number(line.amount, 3)}" for line in lines], hoverinfo="text",
    ))  # fmt: skip
    ticks = [f"{_name(line, lang)}  {number(line.amount, 3)}" for line in lines]
    figure.update_yaxes(tickmode="array", tickvals=list(range(len(lines))), ticktext=ticks,
                        range=[len(lines) - 0.4, -0.6])  # fmt: skip
    figure.update_xaxes(title={"text": say("stream.logit", lang)}, showgrid=True, gridcolor=colours.line, zeroline=True,
                        zerolinecolor=colours.mute)  # fmt: skip
    return figure


def _name(line: Line, lang: str) -> str:
    return say(f"stream.line.{line.kind}", lang, layer=line.layer, head=line.head)
