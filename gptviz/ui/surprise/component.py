"""The surprise page's browser component."""

from __future__ import annotations

from pathlib import Path

from gptviz.ui.web.component import Component

SURPRISE = Component(
    "gptviz_surprise",
    Path(__file__).parent,
    scripts=("texts.js", "words.js", "chain.js", "expected.js", "training.js", "main.js"),
    styles=("../screen/layout.css", "../screen/panels.css", "surprise.css"),
)
