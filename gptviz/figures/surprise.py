"""The chain rule as a plotly figure: the bits of each text laid end to end on one scale."""

from __future__ import annotations

import plotly.graph_objects as go

from gptviz.figures.theme import blank, escape, palette, say
from gptviz.rounding import number, percent
from gptviz.theme import surprisal_colour
from gptviz.views.surprise import SurpriseView

_WIDE = 0.025  # share of the longest text from which a stretch has room for its token


def chain(*texts: SurpriseView, lang: str = "en", theme: str = "light") -> go.Figure:
    """One bar for each text; its length is the bits of the whole, each stretch those of one token."""
    colours = palette(theme)
    figure = blank(colours, say("surprise.title", lang), width=860, height=64 * len(texts) + 120)
    most = max((view.bits for view in texts), default=0.0) or 1.0
    names = []
    for place, view in enumerate(texts):
        scored = [(word, word.score) for word in view.words if word.score is not None]
        bits = [score.bits for _, score in scored]
        figure.add_trace(go.Bar(
            y=[place] * len(bits), x=bits, base=[sum(bits[:i]) for i in range(len(bits))], orientation="h", width=0.55,
            marker={"color": [surprisal_colour(colours, b) for b in bits],
                    "line": {"color": colours.panel, "width": 1}},
            text=[escape(word.label) if b > _WIDE * most else "" for (word, _), b in zip(scored, bits, strict=True)],
            textposition="inside", insidetextanchor="middle", textangle=0, textfont={"color": colours.ink},
            hovertext=[say("surprise.hover", lang, label=word.label, bits=number(score.bits, 2),
                           percent=percent(score.prob, 2), rank=f"{score.rank:,}") for word, score in scored],
            hoverinfo="text", name="AB"[place] if place < 2 else str(place),
        ))  # fmt: skip
        names.append(say("surprise.total", lang, bits=number(view.bits, 1), per_byte=number(view.bits_per_byte, 2)))
    places = list(range(len(texts)))
    figure.update_layout(barmode="overlay")
    figure.update_yaxes(tickmode="array", tickvals=places, ticktext=names, range=[len(texts) - 0.4, -0.6])
    figure.update_xaxes(range=[0, most * 1.01], title={"text": say("surprise.bits", lang)}, showgrid=True,
                        gridcolor=colours.line)  # fmt: skip
    return figure
