"""The declaration of the step machine: the walk of the first page, one choice stage by stage, its branches."""

from __future__ import annotations

from gptviz.ui.page import Page, Panel
from gptviz.ui.pages.next_token.page import begin
from gptviz.ui.pages.steps import panels
from gptviz.ui.pages.steps.scene import Steps, scene
from gptviz.ui.walk.actions import ACTIONS
from gptviz.ui.walk.path import NO_PATH, path
from gptviz.ui.walk.state import Walk

PAGE: Page[Walk, Steps] = Page(
    name="steps",
    shares="walk",
    state=Walk,
    begin=begin,
    scene=scene,
    actions=ACTIONS,
    panels=(
        Panel(path, empty=NO_PATH, always=True),
        Panel(panels.controls, empty={"filters": [], "shape": {"n_layer": 1, "n_head": 1}}, always=True),
        Panel(panels.pipeline, empty={"pipeline": None}),
        Panel(panels.tree, empty={"tree": None}),
        Panel(panels.pair, empty={"pair": None}),
    ),
    strings=(
        "path.",
        "empty.",
        "steps.",
        "panel.distribution.filter.",
        "panel.sliders.",
        "strategy.parameter",
        "panel.attention.layer",
        "panel.attention.head",
    ),
)
