"""The softmax at any temperature, what top-p keeps, and rolls of the die, as plotly figures."""

from __future__ import annotations

import math

import numpy as np
import plotly.graph_objects as go

from gptviz.analysis.rolls import RollsView
from gptviz.figures.theme import blank, escape, palette, position_axis, say
from gptviz.rounding import number, percent, setting
from gptviz.theme import Palette
from gptviz.views.softmax import NucleusView, SoftmaxView

_BAR = 22  # px from one bar to the next
_POWER = {"tickmode": "linear", "dtick": 1, "exponentformat": "power"}


def bars(view: SoftmaxView, *, temperature: float = 1.0, lang: str = "en", theme: str = "light") -> go.Figure:
    """The likeliest tokens and all others as one bar, at the nearest temperature of the grid; outline: at 1."""
    colours = palette(theme)
    at, one = view.at(temperature), view.at(1.0)
    title = say("softmax.bars", lang, temperature=setting(view.temperatures[at]), entropy=number(view.entropy[at], 2),
                effective=number(view.effective[at], 0))  # fmt: skip
    figure = blank(colours, title, width=560, height=_BAR * (len(view.rows) + 1) + 110)
    names = [escape(row.label) for row in view.rows]
    names.append(say("distribution.others", lang, count=f"{view.vocab_size - len(view.rows):,}"))
    places = list(range(len(names)))
    now, plain = ([*view.probs[place].tolist(), float(view.tail[place])] for place in (at, one))
    hover = [
        f"{name}<br>{percent(p, 3)}<br>T = 1: {percent(q, 3)}" for name, p, q in zip(names, now, plain, strict=True)
    ]
    shape = [*[""] * len(view.rows), "x"]
    figure.add_trace(go.Bar(y=places, x=now, orientation="h", width=0.62, hovertext=hover, hoverinfo="text", name="p",
                            marker={"color": colours.accent, "pattern": {"shape": shape, "size": 6, "solidity": 0.35}},
                            text=[percent(p, 1) for p in now], textposition="outside", cliponaxis=False))  # fmt: skip
    if at != one:
        outline = {"color": "rgba(0,0,0,0)", "line": {"color": colours.mute, "width": 1}}
        figure.add_trace(go.Bar(y=places, x=plain, orientation="h", width=0.84, marker=outline, hoverinfo="skip",
                                name="T = 1"))  # fmt: skip
    figure.update_layout(barmode="overlay")
    figure.update_yaxes(tickmode="array", tickvals=places, ticktext=names, range=[len(names) - 0.4, -0.6])
    figure.update_xaxes(tickformat=".0%", range=[0, 1.14 * max(*now, *plain)], showgrid=True, gridcolor=colours.line,
                        title={"text": say("distribution.probability", lang)}, nticks=6)  # fmt: skip
    return figure


def curve(view: SoftmaxView, *, temperature: float = 1.0, lang: str = "en", theme: str = "light") -> go.Figure:
    """Probability by rank over the whole vocabulary on logarithmic axes; grey: at temperature 1."""
    colours = palette(theme)
    at, one = view.at(temperature), view.at(1.0)
    figure = blank(
        colours, say("softmax.curve", lang, temperature=setting(view.temperatures[at])), width=560, height=380
    )
    for place, colour, name in (
        (one, colours.mute, "T = 1"),
        (at, colours.accent, f"T = {setting(view.temperatures[at])}"),
    ):
        with np.errstate(under="ignore"):
            p = 10.0 ** view.curve[place]
        seen = p > 0
        mode = "lines" if seen.sum() > 1 else "markers"
        figure.add_trace(go.Scatter(x=view.ranks[seen], y=p[seen], mode=mode, line={"color": colour, "width": 2},
                                    marker={"color": colour}, name=name))  # fmt: skip
    lowest = max(-12, min(-4, math.floor(float(view.curve[one].min())) - 1))
    _grid(figure, colours)
    figure.update_xaxes(type="log", range=[0, math.log10(view.vocab_size)], title={"text": say("softmax.rank", lang)})
    figure.update_yaxes(type="log", range=[lowest, 0], title={"text": say("distribution.probability", lang)}, **_POWER)
    return figure


def entropy(view: SoftmaxView, *, temperature: float = 1.0, lang: str = "en", theme: str = "light") -> go.Figure:
    """Entropy in bits against temperature; dotted: log2 of the vocabulary, which it tends to."""
    colours = palette(theme)
    at = view.at(temperature)
    most = math.log2(view.vocab_size)
    figure = blank(colours, say("softmax.entropy", lang), width=560, height=340)
    hover = [say("softmax.hover", lang, temperature=setting(t), bits=number(h, 2), effective=number(2**h, 1))
             for t, h in zip(view.temperatures, view.entropy.tolist(), strict=True)]  # fmt: skip
    figure.add_trace(go.Scatter(x=view.temperatures, y=view.entropy, mode="lines", hovertext=hover, hoverinfo="text",
                                line={"color": colours.accent, "width": 2}, name="entropy"))  # fmt: skip
    figure.add_trace(go.Scatter(x=[view.temperatures[at]], y=[view.entropy[at]], mode="markers", hoverinfo="skip",
                                marker={"color": colours.accent, "size": 9}, name="here"))  # fmt: skip
    figure.add_hline(y=most, line={"color": colours.mute, "dash": "dot", "width": 1})
    _grid(figure, colours)
    figure.update_xaxes(title={"text": say("softmax.temperature", lang)}, range=[0, view.temperatures[-1]])
    figure.update_yaxes(title={"text": say("softmax.bits", lang)}, range=[0, most * 1.06])
    return figure


def nucleus(view: NucleusView, *, share: float = 0.9, lang: str = "en", theme: str = "light") -> go.Figure:
    """How many tokens top-p with p = ``share`` (the nearest in the view) keeps after each token of the text."""
    colours = palette(theme)
    at = int(np.abs(np.asarray(view.shares) - share).argmin())
    counts = view.counts[:, at]
    title = say("softmax.nucleus", lang, share=setting(view.shares[at]), temperature=setting(view.temperature))
    figure = blank(colours, title, width=max(420, 46 * len(counts) + 90), height=320)
    hover = [f"{escape(name)}<br>{count:,}" for name, count in zip(view.labels, counts.tolist(), strict=True)]
    figure.add_trace(go.Bar(x=list(range(len(counts))), y=counts, marker={"color": colours.accent}, width=0.6,
                            hovertext=hover, hoverinfo="text", text=[f"{n:,}" for n in counts.tolist()],
                            textposition="outside", cliponaxis=False, name="kept"))  # fmt: skip
    _grid(figure, colours)
    figure.update_xaxes(position_axis(view.labels, ""), showgrid=False)
    top = math.log10(max(10, view.vocab_size))
    figure.update_yaxes(type="log", range=[-0.08, top], title={"text": say("softmax.kept", lang)}, **_POWER)
    return figure


def distances(view: RollsView, *, lang: str = "en", theme: str = "light") -> go.Figure:
    """The distance between shares and probabilities after ever more rolls; thin: its expected value."""
    colours = palette(theme)
    figure = blank(colours, say("softmax.distances", lang, n=f"{view.n:,}"), width=560, height=380)
    n = [check.n for check in view.checks]
    for name, opacity in (("shown", 1.0), ("all", 0.55)):
        expected = [getattr(check, f"{name}_expected") for check in view.checks]
        measured = [getattr(check, name) or None for check in view.checks]  # a log axis has no 0
        figure.add_trace(go.Scatter(x=n, y=expected, mode="lines", line={"color": colours.accent, "width": 1},
                                    hoverinfo="skip", name=f"{name}_expected"))  # fmt: skip
        said, line = say(f"softmax.{name}", lang), {"color": colours.draw, "width": 2}
        figure.add_trace(go.Scatter(x=n, y=measured, mode="lines+markers", opacity=opacity, marker={"size": 4},
                                    line=line, name=said))  # fmt: skip
    _grid(figure, colours)
    figure.update_xaxes(type="log", title={"text": say("softmax.n", lang)}, **_POWER)
    figure.update_yaxes(type="log", title={"text": say("softmax.distance", lang)}, **_POWER)
    return figure


def _grid(figure: go.Figure, colours: Palette) -> None:
    figure.update_xaxes(showgrid=True, gridcolor=colours.line)
    figure.update_yaxes(showgrid=True, gridcolor=colours.line)
