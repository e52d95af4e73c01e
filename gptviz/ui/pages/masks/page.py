"""The declaration of the page of masks: one text under three of them, a blank filled, the two halves, the claims."""

from __future__ import annotations

from gptviz.ui.page import Page, Panel
from gptviz.ui.pages.masks import filling, panels
from gptviz.ui.pages.masks.scene import Masked, scene
from gptviz.ui.pages.masks.state import ACTIONS, CLAIMS, Masks, begin

PAGE: Page[Masks, Masked] = Page(
    name="masks",
    state=Masks,
    begin=begin,
    scene=scene,
    actions=ACTIONS,
    heavy=True,
    panels=(
        Panel(panels.masks, arrays=panels.arrays, empty={"columns": []}),
        Panel(filling.filling, always=True),
        Panel(panels.claim, empty={"claims": list(CLAIMS), "claim": None}),
    ),
    strings=("masks.", "empty.", "path.share"),
)
