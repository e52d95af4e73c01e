"""The declaration of the heads page: scores of every head, labels by thresholds, and a test of each by ablation."""

from __future__ import annotations

from gptviz.ui.page import Page, Panel
from gptviz.ui.pages.heads import panels
from gptviz.ui.pages.heads.scene import Looked, scene
from gptviz.ui.pages.heads.state import ACTIONS, Heads, begin

PAGE: Page[Heads, Looked] = Page(
    name="heads",
    state=Heads,
    begin=begin,
    scene=scene,
    actions=ACTIONS,
    panels=(
        Panel(panels.scores, empty={"names": [], "thresholds": [], "n_layer": 0, "n_head": 0, "heads": [], "done": 0,
                                    "wanted": 0, "scores_reading": "", "scores_python": ""}),
        Panel(panels.test, empty={"tested": None, "test_python": ""}),
        Panel(panels.claims, empty={"claims": []}),
    ),
    strings=("heads.", "change.", "empty.", "path.share"),
    heavy=True,
)  # fmt: skip
