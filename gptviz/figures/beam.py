"""Beam search as a tree: steps from left to right, the continuations of each step from the best down."""

from __future__ import annotations

from collections.abc import Iterable

import plotly.graph_objects as go

from gptviz.figures.theme import NUMBERS, SMALL, blank, escape, faded, indigo_scale, palette, say
from gptviz.rounding import number, percent
from gptviz.theme import Palette
from gptviz.views.beam import Node, TreeView

_COLUMN, _ROW = 96, 30  # px from one to the next
_PRUNED = ("crowded_out", "ended_too_low")
_PROMPT = (-1.0, 0.0)

Place = tuple[float, float]


def tree(view: TreeView, *, pruned: bool = True, lang: str = "en", theme: str = "light") -> go.Figure:
    """All continuations looked at, coloured by probability; empty squares on dotted lines are pruned.

    The line of the text that won is magenta, and a square with a thick edge is a text that ended. Hovering says what
    became of each. ``pruned=False`` leaves those out that were pruned at once.
    """
    colours = palette(theme)
    shown = [node for column in view.columns for node in column if pruned or node.fate not in _PRUNED]
    places, rows = _places(view, shown)
    columns = len(view.columns)
    title = say("beam.title", lang, width=view.width, steps=columns)
    figure = blank(colours, title, width=_COLUMN * (columns + 1) + 80, height=_ROW * rows + 100)
    _lines(figure, (n for n in shown if n.fate in _PRUNED), places, {"color": colours.cut, "width": 1, "dash": "dot"})
    alive = [n for n in shown if n.fate not in _PRUNED and not n.winner]
    _lines(figure, alive, places, {"color": faded(colours.accent, colours.panel, 0.5), "width": 1.5})
    _lines(figure, (n for n in shown if n.winner), places, {"color": colours.draw, "width": 2.5})
    _squares(figure, shown, places, colours, lang)
    figure.update_xaxes(tickmode="array", tickvals=list(range(columns)), ticktext=[str(i + 1) for i in range(columns)],
                        title={"text": say("beam.step", lang)}, range=[-1.4, columns - 0.4], side="top")  # fmt: skip
    figure.update_yaxes(visible=False, range=[rows - 0.4, -0.7])
    return figure


def _places(view: TreeView, shown: list[Node]) -> tuple[dict[int, Place], int]:
    """Where each node stands, in columns and rows (a row apart between groups), and the number of rows."""
    heights = [0] * view.n_groups
    rank: dict[int, int] = {}
    stacks: dict[tuple[int, int], int] = {}
    for node in shown:
        rank[node.id] = stacks.get((node.step, node.group), 0)
        stacks[node.step, node.group] = rank[node.id] + 1
        heights[node.group] = max(heights[node.group], rank[node.id] + 1)
    tops = [sum(heights[:group]) + group for group in range(view.n_groups)]
    places = {node.id: (float(node.step), float(tops[node.group] + rank[node.id])) for node in shown}
    return places, max(1, tops[-1] + heights[-1])


def _lines(figure: go.Figure, nodes: Iterable[Node], places: dict[int, Place], line: dict[str, object]) -> None:
    x: list[float | None] = []
    y: list[float | None] = []
    for node in nodes:
        start, end = _PROMPT if node.parent is None else places[node.parent], places[node.id]
        x += [start[0], end[0], None]
        y += [start[1], end[1], None]
    figure.add_trace(go.Scatter(x=x, y=y, mode="lines", line=line, hoverinfo="skip"))


def _squares(figure: go.Figure, nodes: list[Node], places: dict[int, Place], colours: Palette, lang: str) -> None:
    edges = [
        colours.draw if n.winner else colours.ink if n.fate in ("finished", "outscored") else colours.line
        for n in nodes
    ]
    figure.add_trace(
        go.Scatter(
            x=[places[n.id][0] for n in nodes], y=[places[n.id][1] for n in nodes], mode="markers+text",
            marker={
                "symbol": ["square-open" if n.fate in _PRUNED else "square" for n in nodes], "size": 13,
                "color": [n.p for n in nodes], "colorscale": indigo_scale(colours), "cmin": 0, "cmax": 1,
                "line": {"color": edges, "width": [2 if n.winner or edge == colours.ink else 1
                                                   for n, edge in zip(nodes, edges, strict=True)]},
            },
            text=[_label(n, lang) for n in nodes], textposition="middle right",
            textfont={"family": NUMBERS, "size": SMALL,
                      "color": [colours.mute if n.fate in _PRUNED else colours.ink for n in nodes]},
            hovertext=[_hover(n, lang) for n in nodes], hoverinfo="text", cliponaxis=False, name="continuations",
        )
    )  # fmt: skip


def _label(node: Node, lang: str) -> str:
    return say("beam.end", lang) if node.ends else escape(node.label)


def _hover(node: Node, lang: str) -> str:
    numbers = say("beam.hover", lang, p=percent(node.p, 1), logprob=number(node.logprob), total=number(node.total),
                  score=number(node.score, 3), rank=node.rank)  # fmt: skip
    return f"{escape(node.text.strip())}<br>{numbers}<br>{say(f'beam.fate.{node.fate}', lang)}"
