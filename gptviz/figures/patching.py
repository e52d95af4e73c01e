"""One run put into another, state by state: what is sufficient beside what is necessary."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

from gptviz.analysis.patching import Patching
from gptviz.figures.matrix import cells, pairs
from gptviz.figures.theme import SMALL, blank, colour_bar, palette, position_axis, say, signed_scale
from gptviz.views.chips import labels
from gptviz.views.distribution import token_label
from gptviz.views.sources import TokenizerLike


def maps(found: Patching, tokenizer: TokenizerLike, *, lang: str = "en", theme: str = "light") -> go.Figure:
    """Both maps, layers from above, tokens across: 0 as the corrupt run is, 1 as the clean one."""
    colours, pair = palette(theme), found.pair
    words = {"answer": token_label(tokenizer, pair.answer), "rival": token_label(tokenizer, pair.rival)}
    n_layer, T = found.sufficient.shape
    figure = blank(
        colours, say("patching.title", lang, **words), width=max(560, 220 + 72 * T), height=150 + 30 * n_layer
    )
    down = [f"L{layer}" for layer in range(n_layer)]
    most = max(1.0, *(float(np.abs(each).max(initial=0.0)) for each in (found.sufficient, found.necessary)))
    sides = (("sufficient", found.sufficient, pair.clean, ""), ("necessary", found.necessary, pair.corrupt, "2"))
    for place, (name, values, run, axis) in enumerate(sides):
        tokens = labels(run)
        bar = colour_bar(colours, say("patching.share", lang)) if place else None
        figure.add_trace(cells(values, signed_scale(colours), low=-most, high=most, said=pairs(down, tokens, values, 2),
                               bar=bar, name=name, xaxis=f"x{axis}", yaxis=f"y{axis}"))  # fmt: skip
        left = position_axis(down, say("patching.layer", lang) if not place else "")
        middle = 0.5 * place + 0.22
        figure.update_layout({
            f"xaxis{axis}": {**figure.layout.xaxis.to_plotly_json(), **position_axis(tokens, ""),
                             "domain": [middle - 0.22, middle + 0.22], "anchor": f"y{axis}", "tickangle": -45},
            f"yaxis{axis}": {**figure.layout.yaxis.to_plotly_json(), **left, "range": left["range"][::-1],
                             "anchor": f"x{axis}"},
        })  # fmt: skip
        figure.add_annotation(x=middle, y=1.02, xref="paper", yref="paper", yanchor="bottom", showarrow=False,
                              text=say(f"patching.{name}", lang),
                              font={"size": SMALL, "color": colours.mute})  # fmt: skip
    return figure
