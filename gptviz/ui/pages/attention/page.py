"""The declaration of the attention page: one head at one query, from the residual stream back to it."""

from __future__ import annotations

from gptviz.ui.page import Page, Panel
from gptviz.ui.pages.attention import panels
from gptviz.ui.pages.attention.scene import Attended, scene
from gptviz.ui.pages.attention.state import ACTIONS, Attention, begin

PAGE: Page[Attention, Attended] = Page(
    name="attention",
    state=Attention,
    begin=begin,
    scene=scene,
    actions=ACTIONS,
    panels=(
        Panel(panels.offers, empty={"presets": []}, always=True),
        Panel(panels.flow, arrays=panels.arrays, empty={"flow": None}),
        Panel(panels.summed, empty={"sum": None}),
        Panel(panels.maps, empty={"maps": None}),
        Panel(panels.mosaic, empty={"mosaic": None}),
        Panel(panels.sheet, empty={"sheet": None}),
    ),
    strings=("attend.", "empty.", "path.share", "panel.attention.", "panel.mosaic."),
)
