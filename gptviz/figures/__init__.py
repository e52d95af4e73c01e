"""View → plotly ``Figure``: pure, usable in any notebook. Needs plotly, which nothing else in the library imports.

Every function takes a view of ``gptviz.views`` and, by keyword, ``lang`` (a language of ``assets/i18n``) and ``theme``
("light" or "dark"); none of them shows anything by itself.

>>> from gptviz import figures, views
>>> figures.attention.mask(views.mask(["The", "·cat"])).layout.yaxis.ticktext
('The', '·cat')
"""

from __future__ import annotations

from gptviz.figures import (
    attention,
    beam,
    decoding,
    distribution,
    embeddings,
    heads,
    mixing,
    mosaic,
    patching,
    pipeline,
    softmax,
    stream,
    surprise,
    tokens,
)

__all__ = [
    "attention",
    "beam",
    "decoding",
    "distribution",
    "embeddings",
    "heads",
    "mixing",
    "mosaic",
    "patching",
    "pipeline",
    "softmax",
    "stream",
    "surprise",
    "tokens",
]
