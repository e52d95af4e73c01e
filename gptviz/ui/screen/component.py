"""The first screen's browser component: all panels are drawn from one message."""

from __future__ import annotations

from pathlib import Path

from gptviz.ui.web.component import Component

SCREEN = Component(
    "gptviz_screen",
    Path(__file__).parent,
    scripts=(
        *("play.js", "prompt.js", "walk.js", "chips.js", "path.js", "heat.js", "mask.js", "cell.js"),
        *("matrix.js", "mosaic.js", "cumulative.js", "bars.js", "sliders.js", "distribution.js", "main.js"),
    ),
    styles=("layout.css", "panels.css"),
)
