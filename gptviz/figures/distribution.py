"""The next token's distribution as bars, and as the cumulative bar on which it is drawn."""

from __future__ import annotations

from typing import Any

import plotly.graph_objects as go

from gptviz.figures.theme import SMALL, blank, escape, faded, palette, say
from gptviz.rounding import number, percent
from gptviz.theme import Palette
from gptviz.views import DistributionView, Row

_BAR = 26  # px from one bar to the next


def bars(view: DistributionView, *, lang: str = "en", theme: str = "light") -> go.Figure:
    """The likeliest tokens and, as one more bar, all others. Outline: the model alone; filled: after the filters.

    Hatched bars are cut by a filter (their length is then the model's probability); magenta is what was drawn.
    """
    colours = palette(theme)
    title = say("distribution.title", lang, entropy=number(view.entropy, 1), effective=number(view.effective, 0),
                kept=f"{view.kept:,}", vocab_size=f"{view.vocab_size:,}")  # fmt: skip
    names = [escape(row.label) for row in view.rows]
    hovers = [_readout(row, lang) for row in view.rows]
    model = [row.p_model for row in view.rows]
    after = [row.p for row in view.rows]
    if view.tail.count:
        others = say("distribution.others", lang, count=f"{view.tail.count:,}")
        names.append(others)
        hovers.append(f"{others}<br>{_probabilities(view.tail.p_model, view.tail.p, lang)}")
        model.append(view.tail.p_model)
        after.append(view.tail.p)
    figure = blank(colours, title, width=560, height=_BAR * len(names) + 110)
    places = list(range(len(names)))
    styles = _styles(view, colours)
    figure.add_trace(
        go.Bar(y=places, x=[p if style["cut"] is None else q for p, q, style in zip(after, model, styles, strict=True)],
               orientation="h", width=0.62, marker=_marker(styles), hovertext=hovers, hoverinfo="text", name="after",
               text=[_figure(p, style["cut"], lang) for p, style in zip(after, styles, strict=True)],
               textposition="outside", textangle=0, cliponaxis=False)
    )  # fmt: skip
    if any(abs(p - q) > 1e-9 for p, q in zip(model, after, strict=True)):
        outline = {"color": "rgba(0,0,0,0)", "line": {"color": colours.mute, "width": 1}}
        figure.add_trace(go.Bar(y=places, x=model, orientation="h", width=0.82, marker=outline, hoverinfo="skip",
                                name="model"))  # fmt: skip
    figure.update_layout(barmode="overlay")
    figure.update_yaxes(tickmode="array", tickvals=places, ticktext=names, range=[len(names) - 0.4, -0.6])
    figure.update_xaxes(tickformat=".0%", rangemode="tozero", range=[0, 1.14 * max([*model, *after, 1e-9])],
                        title={"text": say("distribution.probability", lang)}, showgrid=True, gridcolor=colours.line,
                        nticks=6)  # fmt: skip
    return figure


def cumulative(view: DistributionView, *, lang: str = "en", theme: str = "light") -> go.Figure:
    """All kept tokens side by side from 0 to 1, the likeliest first; the uniform number u falls on the one drawn."""
    colours = palette(theme)
    figure = blank(colours, say("distribution.cumulative", lang), width=720, height=150)
    start = 0.0
    base, width, fill, hover = [], [], [], []
    for place, segment in enumerate(view.segments):
        base.append(start)
        width.append(segment.p)
        fill.append(
            colours.draw if segment.drawn else faded(colours.accent, colours.panel, min(0.8, 0.06 + place * 0.075))
        )
        hover.append(f"{escape(segment.label)}<br>{percent(segment.p, 2)}")
        start += segment.p
    if view.rest > 0:
        base.append(start)
        width.append(view.rest)
        fill.append(faded(colours.accent, colours.panel, 0.86))
        hover.append(
            f"{say('distribution.rest', lang, count=f'{view.kept - len(view.segments):,}')}<br>{percent(view.rest, 2)}"
        )
    figure.add_trace(_stretch(base, width, fill, hover, colours, name="segments"))
    if view.draw is not None and view.drawn_at is not None and not any(segment.drawn for segment in view.segments):
        low, high = view.drawn_at
        shown = f"{escape(view.draw.label)}<br>{percent(view.draw.p, 2)}"
        figure.add_trace(_stretch([low], [high - low], [colours.draw], [shown], colours, name="drawn"))
    if view.u is not None:
        _mark(figure, view, colours)
    figure.update_layout(barmode="overlay", margin={"t": 64})
    figure.update_yaxes(visible=False, range=[-0.5, 0.5])
    figure.update_xaxes(range=[0, 1], tickmode="array", tickvals=[0, 0.25, 0.5, 0.75, 1])
    return figure


def _mark(figure: go.Figure, view: DistributionView, colours: Palette) -> None:
    u = view.u or 0.0
    side = "left" if u < 0.2 else "right" if u > 0.8 else "center"  # so that the words stay inside
    words = f"u = {number(u, 3)}" + (f" → {escape(view.draw.label)}" if view.draw else "")
    figure.add_shape(type="line", x0=u, x1=u, y0=-0.5, y1=0.5, line={"color": colours.draw, "width": 2})
    figure.add_annotation(x=u, y=0.5, xanchor=side, yanchor="bottom", text=words, showarrow=False,
                          font={"color": colours.draw, "size": SMALL + 1})  # fmt: skip


def _stretch(base: list[float], width: list[float], fill: list[str], hover: list[str], colours: Palette, *,
             name: str) -> go.Bar:  # fmt: skip
    return go.Bar(y=[0] * len(base), x=width, base=base, orientation="h", width=0.7, hovertext=hover, hoverinfo="text",
                  marker={"color": fill, "line": {"color": colours.panel, "width": 0.5}}, name=name)  # fmt: skip


def _styles(view: DistributionView, colours: Palette) -> list[dict[str, Any]]:
    """Fill, hatching and the filter that cut it, for each bar."""
    styles: list[dict[str, Any]] = []
    for row in view.rows:
        fill = colours.cut if row.cut else colours.draw if row.drawn else colours.accent
        edge = colours.draw if row.drawn else colours.ink if row.actual else fill
        styles.append({"fill": fill, "edge": edge, "shape": "/" if row.cut else "", "cut": row.cut})
    if view.tail.count:
        styles.append({"fill": colours.accent, "edge": colours.accent, "shape": "x", "cut": None})
    return styles


def _marker(styles: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "color": [style["fill"] for style in styles],
        "line": {"color": [style["edge"] for style in styles], "width": 1},
        "pattern": {"shape": [style["shape"] for style in styles], "fillmode": "replace", "size": 6, "solidity": 0.35},
    }


def _figure(p: float, cut: str | None, lang: str) -> str:
    """What stands at the end of a bar."""
    return say(f"distribution.cut.{cut}", lang) if cut else percent(p, 1)


def _readout(row: Row, lang: str) -> str:
    lines = [f"{escape(row.label)} · {row.id} · {row.bytes}", _probabilities(row.p_model, row.p, lang),
             say("distribution.rank", lang, rank=f"{row.rank:,}")]  # fmt: skip
    lines += [say(f"distribution.cut.{row.cut}", lang)] if row.cut else []
    lines += [say("distribution.drawn", lang)] if row.drawn else []
    lines += [say("distribution.actual", lang)] if row.actual else []
    return "<br>".join(lines)


def _probabilities(p_model: float, p: float, lang: str) -> str:
    return say("distribution.both", lang, p_model=percent(p_model, 2), p=percent(p, 2))
