"""The declaration of the page of changes: switches on the real run, what they do, where a difference travels."""

from __future__ import annotations

from gptviz.ui.page import Page, Panel
from gptviz.ui.pages.what_if import panels
from gptviz.ui.pages.what_if.scene import Changed, scene
from gptviz.ui.pages.what_if.state import ACTIONS, WhatIf, begin

PAGE: Page[WhatIf, Changed] = Page(
    name="what_if",
    state=WhatIf,
    begin=begin,
    scene=scene,
    actions=ACTIONS,
    panels=(
        Panel(panels.switches, empty={"n_layer": 0, "n_head": 0, "changes": [], "idle": []}),
        Panel(panels.change, empty={"change": None, "change_python": ""}),
        Panel(panels.attention, arrays=panels.patterns, empty={"labels": [], "attention_reading": ""}),
        Panel(panels.patch, empty={"patch": None}),
        Panel(panels.curve, empty={"broken": None}),
    ),
    strings=("what_if.", "change.", "empty.", "path.share", "panel.attention."),
    heavy=True,
)
