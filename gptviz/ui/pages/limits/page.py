"""The declaration of the limits page: six experiments, one at a time."""

from __future__ import annotations

from gptviz.ui.page import Page, Panel
from gptviz.ui.pages.limits import panels
from gptviz.ui.pages.limits.scene import Tried
from gptviz.ui.pages.limits.state import ACTIONS, Limits, begin

PAGE: Page[Limits, Tried] = Page(
    name="limits",
    state=Limits,
    begin=begin,
    scene=panels.scene,
    actions=ACTIONS,
    panels=(
        Panel(panels.picks, always=True),
        Panel(panels.live, empty={"live": None}),
        Panel(panels.side, empty={"side": None}),
    ),
    strings=("limits.", "empty.", "path.share"),
    heavy=True,
)
