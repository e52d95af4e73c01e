"""The browser component of the page "Beam search"."""

from __future__ import annotations

from pathlib import Path

from gptviz.ui.web.component import Component

BEAM = Component(
    "gptviz_beam",
    Path(__file__).parent,
    scripts=("picture.js", "geometry.js", "controls.js", "stepper.js", "tree.js", "detail.js", "contest.js", "main.js"),
    styles=("../screen/panels.css", "beam.css"),
)
