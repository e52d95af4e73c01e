"""The comparison's browser component."""

from __future__ import annotations

from pathlib import Path

from gptviz.ui.web.component import Component

COMPARE = Component(
    "gptviz_compare",
    Path(__file__).parent,
    scripts=(
        *("../screen/cumulative.js", "text.js", "entropy.js", "candidates.js", "editor.js", "column.js"),
        *("draws.js", "files.js", "controls.js", "main.js"),
    ),
    styles=("../screen/panels.css", "compare.css", "column.css"),
)
