"""The declaration of the page of uses: what is tried, what comes of it, what to expect."""

from __future__ import annotations

from gptviz.ui.page import Page, Panel
from gptviz.ui.pages.uses import panels
from gptviz.ui.pages.uses.scene import Tried, scene
from gptviz.ui.pages.uses.state import ACTIONS, Uses, begin

PAGE: Page[Uses, Tried] = Page(
    name="uses",
    state=Uses,
    begin=begin,
    scene=scene,
    actions=ACTIONS,
    panels=(
        Panel(panels.uses, always=True),
        Panel(panels.written, empty={"written": None}),
        Panel(panels.word, always=True),
    ),
    strings=("uses.", "empty.", "path.share"),
    heavy=True,
)
