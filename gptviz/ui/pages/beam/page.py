"""The declaration of the beam page: the tree of hypotheses, why each was kept or pruned, whether it was worth it."""

from __future__ import annotations

from gptviz.ui.page import Page, Panel
from gptviz.ui.pages.beam import panels
from gptviz.ui.pages.beam.scene import Searches, scene
from gptviz.ui.pages.beam.state import ACTIONS, BeamPage, begin

NO_TREE = {"width": 1, "n_groups": 1, "length_penalty": 1.0, "early_stopping": False, "leaders": [], "finals": [],
           "done": False, "nodes": [], "steps": 0, "group_width": 1, "reading": "", "python": ""}  # fmt: skip

PAGE: Page[BeamPage, Searches] = Page(
    name="beam",
    state=BeamPage,
    begin=begin,
    scene=scene,
    actions=ACTIONS,
    panels=(
        Panel(panels.offers, empty={"presets": [], "sliders": [], "limit": 0, "paused": False}),
        Panel(panels.tree, empty={"tree": NO_TREE, "verdict": ""}),
        Panel(panels.ladder, empty={"rungs": [], "ladder_note": "", "ladder_reading": "", "ladder_python": ""}),
    ),
    strings=("beam.", "empty.", "path.", "strategy."),
    heavy=True,
    wait_ms=(120, 500),  # a search takes longer than a trace: not one for every key
)
