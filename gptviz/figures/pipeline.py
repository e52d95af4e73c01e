"""One choice stage by stage: a column of bars for each, the same tokens in all, and the bar on which u falls."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from gptviz.figures.theme import NUMBERS, SMALL, blank, escape, faded, palette, plain_axis, say
from gptviz.i18n import translate
from gptviz.rounding import bracketed, number, percent, setting
from gptviz.theme import Palette
from gptviz.views import PipelineView

_ROW, _COLUMN = 26, 150  # px


def columns(view: PipelineView, *, lang: str = "en", theme: str = "light") -> go.Figure:
    """Logits, softmax, each filter, and the draw, left to right; all probabilities on one scale.

    Filled: the probability after the stage; outline: before it; hatched: cut by this filter; magenta: drawn with u.
    """
    colours = palette(theme)
    count = len(view.rows) + bool(view.tail.count)
    last = view.stages[-1]
    title = say("pipeline.title", lang, kept=f"{last.kept:,}", vocab_size=f"{view.vocab_size:,}",
                entropy=number(last.entropy, 2))  # fmt: skip
    figure = make_subplots(rows=1, cols=len(view.stages) + 2, shared_yaxes=False, horizontal_spacing=0.012)
    plain = blank(colours, title, width=170 + _COLUMN * (len(view.stages) + 2), height=_ROW * count + 130)
    figure.update_layout(plain.layout)
    figure.update_xaxes(plain_axis(colours))
    figure.update_yaxes(plain_axis(colours), range=[count - 0.4, -0.6], showticklabels=False)
    _logits(figure, view, colours, lang)
    most = max([p for row in view.rows for p in row.p] + list(view.tail.p) + [1e-9])
    for place in range(len(view.stages)):
        _stage(figure, view, place, most, colours, lang)
    _draw(figure, view, colours, lang)
    names = [*(escape(row.label) for row in view.rows), *_others(view, lang)]
    figure.update_yaxes(tickmode="array", tickvals=list(range(count)), ticktext=names, showticklabels=True, col=1)
    figure.update_layout(barmode="overlay", margin={"t": 96})
    return figure


def _others(view: PipelineView, lang: str) -> list[str]:
    return [say("pipeline.others", lang, count=f"{view.tail.count:,}")] if view.tail.count else []


def _heading(figure: go.Figure, place: int, text: str, colours: Palette) -> None:
    axis = "" if place == 1 else str(place)
    figure.add_annotation(x=0, y=1, xref=f"x{axis} domain", yref=f"y{axis} domain", xanchor="left", yanchor="bottom",
                          text=text, align="left", showarrow=False, font={"size": SMALL, "color": colours.ink}
                          )  # fmt: skip


def _logits(figure: go.Figure, view: PipelineView, colours: Palette, lang: str) -> None:
    """Dots: a logit has no zero to start a bar from, only differences mean something."""
    values = [row.logit for row in view.rows] + ([view.tail.logit] if view.tail.logit is not None else [])
    labels = [*(escape(row.label) for row in view.rows), *_others(view, lang)]
    fill = [colours.draw if row.drawn else colours.accent for row in view.rows] + [colours.mute] * bool(view.tail.count)
    hover = [
        f"{label}<br>{say('pipeline.logits', lang)} {number(x, 3)}" for label, x in zip(labels, values, strict=True)
    ]
    figure.add_trace(
        go.Scatter(x=values, y=list(range(len(values))), mode="markers", marker={"color": fill, "size": 9},
                   hovertext=hover, hoverinfo="text", name="logits"), row=1, col=1,
    )  # fmt: skip
    _heading(figure, 1, say("pipeline.logits", lang), colours)


def _stage(figure: go.Figure, view: PipelineView, place: int, most: float, colours: Palette, lang: str) -> None:
    stage, col = view.stages[place], place + 2
    rows = [(row.label, row.p, row.cut_at, row.drawn) for row in view.rows]
    rows += [(name, view.tail.p, None, False) for name in _others(view, lang)]
    before = [p[place - 1] if place else p[0] for _, p, _, _ in rows]
    after = [p[place] for _, p, _, _ in rows]
    cut = [at == place for _, _, at, _ in rows]
    gone = [at is not None and at < place for _, _, at, _ in rows]
    shown = [b if c else 0.0 if g else a for a, b, c, g in zip(after, before, cut, gone, strict=True)]
    fill = [colours.cut if c else colours.draw if row[3] else colours.accent for c, row in zip(cut, rows, strict=True)]
    hover = [_words(row[0], b, a, c, lang) for row, b, a, c in zip(rows, before, after, cut, strict=True)]
    marker = {"color": fill, "pattern": {"shape": ["/" if c else "" for c in cut], "fillmode": "replace", "size": 6}}
    figure.add_trace(
        go.Bar(x=shown, y=list(range(len(rows))), orientation="h", width=0.62, marker=marker, hovertext=hover,
               hoverinfo="text", text=[_end(*row) for row in zip(shown, cut, gone, strict=True)],
               textposition="outside", textfont={"family": NUMBERS, "size": SMALL}, cliponaxis=False, name=stage.name),
        row=1, col=col,
    )  # fmt: skip
    if place:
        outline: dict[str, Any] = {"color": "rgba(0,0,0,0)", "line": {"color": colours.mute, "width": 1}}
        figure.add_trace(go.Bar(x=[0.0 if c or g else b for b, c, g in zip(before, cut, gone, strict=True)],
                                y=list(range(len(rows))), orientation="h", width=0.8, marker=outline, hoverinfo="skip",
                                name=f"before {stage.name}"), row=1, col=col)  # fmt: skip
    figure.update_xaxes(range=[0, 1.45 * most], showticklabels=False, col=col)
    key = f"panel.distribution.filter.{stage.name}"
    name = say("pipeline.softmax", lang) if stage.name == "model" else translate(key, lang)
    if stage.setting is not None:
        name += f" {setting(stage.setting)}"
    heading = say("pipeline.stage", lang, name=name, kept=f"{stage.kept:,}", entropy=number(stage.entropy, 2))
    _heading(figure, col, heading, colours)


def _end(p: float, cut: bool, gone: bool) -> str:
    """What stands at the end of a bar."""
    return "" if gone else bracketed(p) if cut else percent(p, 1)


def _words(label: str, before: float, after: float, cut: bool, lang: str) -> str:
    key = "pipeline.cut" if cut else "pipeline.hover"
    return say(key, lang, label=label, before=percent(before, 2), after=percent(after, 2))


def _draw(figure: go.Figure, view: PipelineView, colours: Palette, lang: str) -> None:
    """The bar from 0 (above) to 1 (below), and u on it."""
    col = len(view.stages) + 2
    edges = [*(stretch.low for stretch in view.bar), view.bar[-1].high if view.bar else 0.0, 1.0]
    fill = [faded(colours.accent, colours.panel, min(0.8, 0.06 + place * 0.07)) for place in range(len(view.bar))]
    fill.append(faded(colours.accent, colours.panel, 0.86))
    hover = [_stretch(stretch.label, stretch.low, stretch.high, lang) for stretch in view.bar] + [""]
    if view.choice is not None:
        chosen = view.choice
        figure.add_annotation(x=0.55, y=chosen.u, xref=f"x{col}", yref=f"y{col}", xanchor="left", showarrow=False,
                              text=f"{say('pipeline.draw', lang, u=number(chosen.u, 3))}<br>→ {escape(chosen.label)}",
                              align="left", font={"color": colours.draw, "size": SMALL + 1})  # fmt: skip
        figure.add_shape(type="line", x0=-0.05, x1=0.5, y0=chosen.u, y1=chosen.u, xref=f"x{col}", yref=f"y{col}",
                         line={"color": colours.draw, "width": 2})  # fmt: skip
        fill = [colours.draw if s.id == chosen.id else f for s, f in zip(view.bar, fill, strict=False)] + fill[-1:]
    sizes = [high - low for low, high in pairwise(edges)]
    figure.add_trace(
        go.Bar(x=[0.2] * len(sizes), y=sizes, base=edges[:-1], width=0.4, marker={"color": fill}, hovertext=hover,
               hoverinfo="text", name="draw"), row=1, col=col,
    )  # fmt: skip
    figure.update_xaxes(range=[-0.1, 1.3], showticklabels=False, col=col)
    figure.update_yaxes(range=[1, 0], col=col)
    _heading(figure, col, translate("steps.draw", lang), colours)
    if view.choice is not None and view.choice.place > len(view.bar):
        own = view.choice
        figure.add_trace(
            go.Bar(x=[0.2], y=[own.high - own.low], base=[own.low], width=0.4, marker={"color": colours.draw},
                   hovertext=[_stretch(own.label, own.low, own.high, lang)], hoverinfo="text", name="drawn"),
            row=1, col=col,
        )  # fmt: skip


def _stretch(label: str, low: float, high: float, lang: str) -> str:
    return say("pipeline.stretch", lang, label=label, low=number(low, 3), high=number(high, 3))
