"""The declaration of the surprise page: how probable a whole text is, token by token, and which of two is likelier."""

from __future__ import annotations

from gptviz.ui.page import Page, Panel
from gptviz.ui.pages.surprise import panels
from gptviz.ui.pages.surprise.scene import Read, scene
from gptviz.ui.pages.surprise.state import ACTIONS, AUTO, Surprise, begin

PAGE: Page[Surprise, Read] = Page(
    name="surprise",
    state=Surprise,
    begin=begin,
    scene=scene,
    actions=ACTIONS,
    panels=(
        Panel(panels.offers, empty={"pairs": []}),
        Panel(panels.sides, arrays=panels.arrays, empty={"sides": (None, None), "token": AUTO}),
        Panel(panels.versus, empty={"versus": None}),
        Panel(panels.check, empty={"check": None}),
        Panel(panels.recipe, empty={"python": ""}),
    ),
    strings=("surprise.", "empty.", "path.share"),
)
