"""The declaration of the page of a step: forward, backward, AdamW on one weight, and what came of it."""

from __future__ import annotations

from gptviz.ui.page import Page, Panel
from gptviz.ui.pages.one_step import panels
from gptviz.ui.pages.one_step.presets import PRESETS
from gptviz.ui.pages.one_step.scene import Stepped, scene
from gptviz.ui.pages.one_step.state import ACTIONS, OneStep, begin

PAGE: Page[OneStep, Stepped] = Page(
    name="one_step",
    state=OneStep,
    begin=begin,
    scene=scene,
    actions=ACTIONS,
    panels=(
        Panel(panels.offers, empty={"presets": list(PRESETS)}),
        Panel(panels.forward),
        Panel(panels.logits),
        Panel(panels.down),
        Panel(panels.update),
        Panel(panels.after),
        Panel(panels.race, empty={"race": None}),
    ),
    strings=("one_step.", "empty.", "path.share"),
)
