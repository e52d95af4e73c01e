"""The playground's browser component."""

from __future__ import annotations

from pathlib import Path

from gptviz.ui.web.component import Component

PLAYGROUND = Component(
    "gptviz_playground",
    Path(__file__).parent,
    scripts=(
        *("../screen/bars.js", "plot.js", "live.js", "temperature.js", "softbars.js", "curves.js", "roll.js"),
        *("nucleus.js", "main.js"),
    ),
    styles=("../screen/panels.css", "playground.css"),
)
