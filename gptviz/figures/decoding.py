"""Generated texts: strategies side by side as coloured texts and as lines of entropy, and the spread of many draws."""

from __future__ import annotations

import textwrap
from typing import Any

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from gptviz.decoding.presets import title as column_title
from gptviz.figures.theme import (
    NUMBERS,
    SIZE,
    SMALL,
    blank,
    colour_bar,
    escape,
    palette,
    plain_axis,
    say,
    warm_scale,
)
from gptviz.rounding import number
from gptviz.theme import FULL, Palette, hex_colour, surprisal_colour
from gptviz.tokens.labels import label
from gptviz.views.decoding import Bin, ColumnView, ComparisonView, SpreadView

_ROW = 96  # px, of one strategy's line
_LONGEST = 64  # characters of a text shown on an axis


def lines(view: ComparisonView, *, lang: str = "en", theme: str = "light") -> go.Figure:
    """One row a strategy on shared axes: entropy of the model (thin), after the filters (indigo), surprisal (bars).

    A dashed line stands where a text leaves the one above it.
    """
    colours, count = palette(theme), len(view.columns)
    figure = make_subplots(rows=max(count, 1), cols=1, shared_xaxes=True, vertical_spacing=0.06 / max(count, 1),
                           figure=blank(colours, say("decoding.comparison", lang), width=760,
                                        height=_ROW * max(count, 1) + 110))  # fmt: skip
    for row, column in enumerate(view.columns, start=1):
        for trace in _traces(column, colours, lang, legend=row == 1):
            figure.add_trace(trace, row=row, col=1)
        if column.leaves is not None:
            figure.add_vline(x=column.leaves + 0.5, row=row, col=1,
                             line={"color": colours.ink, "width": 1, "dash": "dot"})  # fmt: skip
        name = {"text": _name(column, lang), "standoff": 4}
        figure.update_yaxes(plain_axis(colours) | {"title": name | {"font": {"size": SMALL, "color": colours.ink}}},
                            range=[0, view.most * 1.05], nticks=3, showgrid=True, gridcolor=colours.line,
                            row=row, col=1)  # fmt: skip
    figure.update_xaxes(plain_axis(colours), range=[0.4, view.steps + 0.6])
    figure.update_xaxes(title={"text": say("decoding.step", lang)}, row=max(count, 1), col=1)
    legend = {"orientation": "h", "x": 1, "xanchor": "right", "y": 1, "yref": "container", "yanchor": "top"}
    figure.update_layout(showlegend=True, legend=legend | {"font": {"size": SMALL}}, bargap=0.7)
    return figure


def texts(view: ComparisonView, *, characters: int = 64, lang: str = "en", theme: str = "light") -> go.Figure:
    """The texts one under the other, each token on the colour of its surprisal; a strategy's name stands before it."""
    colours = palette(theme)
    placed = [_place(column, characters) for column in view.columns]
    heights = [max((line for _, line, _, _ in found), default=0) + 1 for found in placed]
    starts = [sum(heights[:i]) + 0.6 * i for i in range(len(heights))]
    total = sum(heights) + 0.6 * len(heights)
    figure = blank(colours, say("decoding.texts", lang), width=characters * 9 + 180, height=int(26 * total) + 120)
    scale = warm_scale(colours)
    x, y, faces, hovers = [], [], [], []
    for column, found, start in zip(view.columns, placed, starts, strict=True):
        figure.add_annotation(x=-1, y=start, text=_name(column, lang),
                              xanchor="right", showarrow=False, font={"size": SIZE})  # fmt: skip
        for place, (at, line, size, face) in enumerate(found):
            word = column.words[place]
            fill = surprisal_colour(colours, word.surprisal)
            edge = {"color": colours.ink if word.leaves else colours.panel, "width": 1.5 if word.leaves else 0.5}
            figure.add_shape(type="rect", x0=at, x1=at + size, y0=start + line - 0.45, y1=start + line + 0.45,
                             fillcolor=fill, line=edge, layer="below")  # fmt: skip
            x.append(at + size / 2)
            y.append(start + line)
            faces.append(escape(face))
            hovers.append(_said(word.first, word.text, word.surprisal, lang))
    figure.add_trace(go.Scatter(x=x, y=y, mode="text", text=faces, hovertext=hovers, hoverinfo="text", name="words",
                                textfont={"family": NUMBERS, "size": SIZE, "color": colours.ink}))  # fmt: skip
    below = {"orientation": "h", "len": 260, "lenmode": "pixels", "x": 0, "xanchor": "left", "y": 0, "yanchor": "top"}
    bar = colour_bar(colours, say("decoding.surprisal", lang), side="bottom", **below)
    figure.add_trace(go.Scatter(x=[None], y=[None], mode="markers", hoverinfo="skip", name="scale",
                                marker={"color": [0], "cmin": 0, "cmax": FULL, "colorscale": scale, "colorbar": bar,
                                        "showscale": True}))  # fmt: skip
    figure.update_xaxes(visible=False, range=[-20, characters + 2])
    figure.update_yaxes(visible=False, range=[total, -1])
    return figure


def spread(view: SpreadView, *, lang: str = "en", theme: str = "light") -> go.Figure:
    """Many draws: how long, how likely per token, and which texts came more than once."""
    colours = palette(theme)
    title = say("decoding.spread", lang, n=f"{view.n:,}", texts=f"{view.distinct_texts:,}")
    figure = make_subplots(rows=2, cols=2, specs=[[{}, {}], [{"colspan": 2}, None]], vertical_spacing=0.22,
                           figure=blank(colours, title, width=760, height=520))  # fmt: skip
    figure.add_trace(_histogram(view.lengths, colours, "lengths", whole=True), row=1, col=1)
    figure.add_trace(_histogram(view.logprobs, colours, "logprobs"), row=1, col=2)
    shown = [_line(text) for text, _ in view.texts]
    counts = [count for _, count in view.texts]
    figure.add_trace(
        go.Bar(y=list(range(len(shown))), x=counts, orientation="h", text=[escape(text) for text in shown],
               textposition="outside", cliponaxis=False, textangle=0, name="texts", hoverinfo="x", width=0.6,
               textfont={"family": NUMBERS, "size": SMALL}, marker={"color": colours.accent}),
        row=2, col=1,
    )  # fmt: skip
    figure.update_xaxes(plain_axis(colours))
    figure.update_yaxes(plain_axis(colours))
    for row, col, key in ((1, 1, "length"), (1, 2, "logprob"), (2, 1, "count")):
        figure.update_xaxes(title={"text": say(f"decoding.{key}", lang)}, row=row, col=col)
    figure.update_yaxes(visible=False, range=[len(shown) - 0.4, -0.6], row=2, col=1)
    figure.update_xaxes(range=[0, 4 * max(counts, default=1)], tickmode="array",
                        tickvals=sorted({0, max(counts, default=1)}), row=2, col=1)  # fmt: skip
    span = view.lengths[-1].high - view.lengths[0].low  # tokens
    figure.update_xaxes(range=[view.lengths[0].low - 0.5, view.lengths[-1].high + 0.5], tick0=0,
                        dtick=max(1, span // 6), row=1, col=1)  # fmt: skip
    figure.update_layout(margin={"t": 64, "b": 48}, bargap=0.05)
    return figure


def _traces(column: ColumnView, colours: Palette, lang: str, *, legend: bool) -> list[Any]:
    measures = column.measures
    x = [step + 1 for step in range(measures.length)]
    names = {word.first: word.text for word in column.words}
    hover = [
        say("decoding.hover", lang, name=column_title(column.name, column.strategy, lang), step=step,
            label=label(names.get(step - 1, "…").encode()), entropy=number(entropy, 2), surprisal=number(surprisal, 2))
        for step, entropy, surprisal in zip(x, measures.entropies, measures.surprisals, strict=True)
    ]  # fmt: skip
    warm = hex_colour(colours.warm[1])  # nothing is written on these bars: the full colour stands out best
    return [
        go.Bar(x=x, y=list(measures.surprisals), marker={"color": warm}, name=say("decoding.surprisal", lang),
               hoverinfo="skip", showlegend=legend, legendgroup="surprisal"),
        go.Scatter(x=x, y=list(measures.entropies), mode="lines", line={"color": colours.mute, "width": 1},
                   name=say("decoding.model", lang), hovertext=hover, hoverinfo="text", showlegend=legend,
                   legendgroup="model"),
        go.Scatter(x=x, y=list(measures.entropies_after), mode="lines", line={"color": colours.accent, "width": 2},
                   name=say("decoding.after", lang), hoverinfo="skip", showlegend=legend, legendgroup="after"),
    ]  # fmt: skip


def _place(column: ColumnView, characters: int) -> list[tuple[float, int, float, str]]:
    """Where each word stands: left edge, line, width (in cells of a fixed-width font), and what is written."""
    found: list[tuple[float, int, float, str]] = []
    at, line = 0.0, 0
    for word in column.words:
        face = _line(word.text)
        size = float(sum(2 if ord(character) >= 0x1100 else 1 for character in face)) or 1.0
        if at and at + size > characters:
            at, line = 0.0, line + 1
        found.append((at, line, size, face))
        at += size
        if "\n" in word.text:
            at, line = 0.0, line + 1
    return found


def _name(column: ColumnView, lang: str) -> str:
    return escape(textwrap.shorten(column_title(column.name, column.strategy, lang), 22, placeholder="…"))


def _line(text: str) -> str:
    one = text.replace("\n", "")
    return one if len(one) <= _LONGEST else one[: _LONGEST - 1] + "…"


def _said(first: int, text: str, bits: float, lang: str) -> str:
    return say("decoding.word", lang, step=first + 1, label=text.strip() or label(text.encode()), bits=number(bits, 2))


def _histogram(bins: tuple[Bin, ...], colours: Palette, name: str, *, whole: bool = False) -> go.Bar:
    return go.Bar(
        x=[(b.low + b.high) / 2 for b in bins], y=[b.count for b in bins], width=[b.high - b.low for b in bins],
        marker={"color": colours.accent, "line": {"color": colours.panel, "width": 1}}, name=name, hoverinfo="text",
        hovertext=[f"{number(b.low + 0.5, 0)}–{number(b.high - 0.5, 0)}: {b.count}" if whole
                   else f"{number(b.low, 2)} … {number(b.high, 2)}: {b.count}" for b in bins],
    )  # fmt: skip
