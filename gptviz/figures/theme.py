"""One place for plotly's scales, fonts, margins, and how text is made safe for it; colours are ``gptviz.theme``'s.

Colour means one thing each, in both themes: indigo (``accent``) = probability and attention; orange (``warm``) =
surprisal; magenta (``draw``) = what was drawn or picked; hatched grey (``cut``) = cut by a filter, or masked.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import plotly.graph_objects as go

from gptviz.i18n import translate
from gptviz.theme import LIFT, PALETTES, STRONGEST, Colour, Palette, channels, mix

WORDS = "Source Sans 3, Source Sans Pro, Noto Sans CJK SC, PingFang SC, Microsoft YaHei, system-ui, sans-serif"
NUMBERS = "Source Code Pro, Noto Sans Mono CJK SC, Noto Sans CJK SC, PingFang SC, Microsoft YaHei, monospace"
SIZE, SMALL = 13, 11  # px
#: So many labels fit on an axis; of more, a regular subset is shown, always with the last.
MAX_LABELS = 40
_STEPS = 24

Scale = list[list[float | str]]


def palette(theme: str) -> Palette:
    """The colours of ``light`` or ``dark``; raises ValueError for another theme."""
    if theme not in PALETTES:
        raise ValueError(f"theme must be one of {', '.join(PALETTES)}, not {theme!r}")
    return PALETTES[theme]


def escape(text: str) -> str:
    """``text`` so that plotly shows it as it is: neither its pseudo-HTML nor, between two $, MathJax.

    >>> escape("<b> & $x$")
    '&lt;b&gt; &amp; &#36;x&#36;'
    """
    for character, entity in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ("$", "&#36;")):
        text = text.replace(character, entity)
    return text


def blank(colours: Palette, title: str, *, width: int, height: int) -> go.Figure:
    """An empty figure in the house style; ``title`` is the interface's own text."""
    figure = go.Figure()
    figure.update_layout(
        template="none",
        title={"text": title, "font": {"size": SIZE + 1}, "x": 0.0, "xref": "container", "pad": {"l": 16}},
        font={"family": WORDS, "size": SIZE, "color": colours.ink}, paper_bgcolor=colours.panel,
        plot_bgcolor=colours.panel, margin={"l": 16, "r": 16, "t": 48, "b": 16, "pad": 0}, width=width, height=height,
        showlegend=False, hoverlabel={"font": {"family": NUMBERS, "size": SIZE}}, uirevision="keep",
        separators=".,", modebar={"color": colours.mute, "activecolor": colours.accent, "bgcolor": "rgba(0,0,0,0)"},
    )  # fmt: skip
    figure.update_xaxes(plain_axis(colours))
    figure.update_yaxes(plain_axis(colours))
    return figure


def plain_axis(colours: Palette) -> dict[str, Any]:
    """No lines, no grid, quiet small ticks; room for them is made by itself."""
    return {
        "showgrid": False, "zeroline": False, "showline": False, "ticks": "", "automargin": True,
        "tickfont": {"family": NUMBERS, "size": SMALL, "color": colours.mute},
        "title": {"font": {"size": SMALL, "color": colours.mute}},
    }  # fmt: skip


def position_axis(labels: Sequence[str], title: str) -> dict[str, Any]:
    """Positions are whole numbers and labels their tick text: as categories, equal tokens would become one."""
    shown = readable(len(labels))
    return {
        "tickmode": "array", "tickvals": shown, "ticktext": [escape(labels[pos]) for pos in shown],
        "range": [-0.5, max(len(labels), 1) - 0.5], "title": {"text": title}, "constrain": "domain",
    }  # fmt: skip


def readable(count: int, most: int = MAX_LABELS) -> list[int]:
    """The positions that get a label: all, or every n-th counted back from the last, at most ``most``.

    >>> readable(3), readable(5, most=3)
    ([0, 1, 2], [0, 2, 4])
    """
    step = max(1, -(-count // most))
    return list(range(count - 1, -1, -step))[::-1]


def faded(colour: str, panel: str, share: float) -> str:
    """A hex colour mixed with the panel's: itself at 0, the panel at 1."""
    return mix(channels(colour), channels(panel), share)


def _at(stops: Sequence[Colour], share: float) -> str:
    place = share**LIFT * (len(stops) - 1)
    low = min(len(stops) - 2, int(place))
    return mix(stops[low], stops[low + 1], place - low)


def indigo_scale(colours: Palette) -> Scale:
    """From 0 to 1: attention and probability."""
    stops = (colours.figure_zero, *colours.indigo[1:])
    return [[i / _STEPS, _at(stops, i / _STEPS)] for i in range(_STEPS + 1)]


def signed_scale(colours: Palette) -> Scale:
    """From −most to most: grey below zero, indigo above."""
    grey = (colours.figure_zero, *colours.grey[1:])
    below: Scale = [[0.5 - i / _STEPS / 2, _at(grey, i / _STEPS)] for i in range(_STEPS, 0, -1)]
    return below + [[0.5 + float(share) / 2, colour] for share, colour in indigo_scale(colours)]


def warm_scale(colours: Palette) -> Scale:
    """From 0 to as surprising as the scale goes, and no further than a label on it can be read."""
    return [[0.0, mix(*colours.warm, 0.0)], [1.0, mix(*colours.warm, STRONGEST)]]


def colour_bar(colours: Palette, title: str, *, side: str = "right", **more: Any) -> dict[str, Any]:
    """The legend of a colour scale: thin, quiet, with its title."""
    return {
        "title": {"text": title, "side": side, "font": {"size": SMALL, "color": colours.mute}}, "thickness": 9,
        "len": 0.9, "outlinewidth": 0, "ticks": "", "nticks": 5,
        "tickfont": {"family": NUMBERS, "size": SMALL, "color": colours.mute},
    } | more  # fmt: skip


def say(key: str, lang: str, **values: Any) -> str:
    """A figure's own text (``figure.<key>``), with ``values`` escaped where they are text."""
    safe = {name: escape(value) if isinstance(value, str) else value for name, value in values.items()}
    return translate(f"figure.{key}", lang, **safe)
