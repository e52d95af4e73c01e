"""The declaration of the first page."""

from __future__ import annotations

from gptviz.ui.page import Page, Panel
from gptviz.ui.pages.next_token import panels
from gptviz.ui.pages.next_token.scene import NextToken, scene
from gptviz.ui.prompts import examples
from gptviz.ui.walk.actions import ACTIONS
from gptviz.ui.walk.path import NO_PATH, path
from gptviz.ui.walk.state import Walk


def begin(walk: Walk, lang: str) -> None:
    """A first visit reads the first example."""
    walk.text = examples(lang)[0]


PAGE: Page[Walk, NextToken] = Page(
    name="next_token",
    shares="walk",
    state=Walk,
    begin=begin,
    scene=scene,
    actions=ACTIONS,
    panels=(
        Panel(path, empty=NO_PATH, always=True),
        Panel(panels.chips),
        Panel(panels.attention, arrays=panels.arrays),
        Panel(panels.mask),
        Panel(panels.cell),
        Panel(panels.mosaic),
        Panel(panels.distribution),
    ),
    strings=("chips.", "path.", "empty.", "panel.", "tour."),
)
