"""The step machine's browser component: its own parts, and the first screen's prompt, player and keys."""

from __future__ import annotations

from pathlib import Path

from gptviz.ui.web.component import Component

STEPS = Component(
    "gptviz_steps",
    Path(__file__).parent,
    scripts=(
        *("../screen/play.js", "../screen/prompt.js", "../screen/walk.js", "../screen/bars.js", "../screen/sliders.js"),
        *("tree.js", "filters.js", "draw.js", "pipeline.js"),
        *("texts.js", "versus.js", "glances.js", "pair.js", "main.js"),
    ),
    styles=("steps.css", "pair.css"),
)
