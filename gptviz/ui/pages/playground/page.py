"""The declaration of the playground: what temperature does to the softmax, what top-p keeps of it, the die rolled."""

from __future__ import annotations

from gptviz.ui.page import Page, Panel
from gptviz.ui.pages.playground import panels
from gptviz.ui.pages.playground.scene import Softened, scene
from gptviz.ui.pages.playground.state import ACTIONS, Playground
from gptviz.ui.prompts import examples


def begin(state: Playground, lang: str) -> None:
    """A first visit reads the first example."""
    state.text = examples(lang)[0]


PAGE: Page[Playground, Softened] = Page(
    name="playground",
    state=Playground,
    begin=begin,
    scene=scene,
    actions=ACTIONS,
    panels=(
        Panel(panels.soft, arrays=panels.arrays),
        Panel(panels.curves),
        Panel(panels.nucleus),
        Panel(panels.roll),
    ),
    strings=("playground.", "empty.", "path.share", "panel.distribution.broken"),
)
