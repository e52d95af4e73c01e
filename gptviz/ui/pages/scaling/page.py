"""The declaration of the scaling page: runs, the law fitted to them, and what it foretells."""

from __future__ import annotations

from typing import Any

from gptviz.ui.page import Page, Panel
from gptviz.ui.pages.scaling import panels
from gptviz.ui.pages.scaling.scene import Measured, scene
from gptviz.ui.pages.scaling.state import Scaling, begin

NO_PLOTS: dict[str, Any] = {
    "runs": [], "by_n": [], "by_d": [], "by_c": [], "envelope": [], "entropy": None, "floor": None,
            "problem": "", "own": 0, "whose": "ours", "reading": "", "python": ""}  # fmt: skip
NO_PUBLISHED: dict[str, Any] = {"lines": {}, "formulas": {}, "reading": "", "python": ""}

#: ``more`` only asks for another run.
PAGE: Page[Scaling, Measured] = Page(
    name="scaling",
    state=Scaling,
    begin=begin,
    scene=scene,
    actions={},
    panels=(
        Panel(panels.plots, empty={"plots": NO_PLOTS}),
        Panel(panels.law, empty={"law": None}),
        Panel(panels.ask, empty={"ask": None}),
        Panel(panels.published, empty={"published": NO_PUBLISHED}),
    ),
    strings=("scaling.", "empty.", "path.share"),
)
