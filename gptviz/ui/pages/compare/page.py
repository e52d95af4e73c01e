"""The declaration of the comparison: one prompt, the same chances, one to eight strategies side by side."""

from __future__ import annotations

from gptviz.ui.page import Page, Panel
from gptviz.ui.pages.compare import panels
from gptviz.ui.pages.compare.actions import ACTIONS
from gptviz.ui.pages.compare.scene import Comparison, scene
from gptviz.ui.pages.compare.state import Compare
from gptviz.ui.prompts import examples


def begin(state: Compare, lang: str) -> None:
    """A first visit reads the second example: one that can go on in many ways."""
    state.text = examples(lang)[1]


NOTHING = {"columns": [], "axes": panels.NO_AXES, "step": 0, "forked": False, "reading": "", "python": ""}

PAGE: Page[Compare, Comparison] = Page(
    name="compare",
    state=Compare,
    begin=begin,
    scene=scene,
    actions=ACTIONS,
    panels=(
        Panel(
            panels.offers,
            empty={"limits": {"n": (0, 0), "columns": (0, 0)}, "presets": [], "preset": "", "strategies": []},
        ),
        Panel(panels.progress, empty={"progress": 1.0, "stale": False, "other_text": False, "complete": False}),
        Panel(panels.columns, empty=NOTHING),
        Panel(panels.many, empty={"draws": None}),
        Panel(panels.download, empty={"download": None}),
    ),
    strings=("compare.", "strategy.", "panel.distribution."),
    heavy=True,
    failed=Compare.give_up,
    wait_ms=(250, 1000),  # the text is only noted while it is typed
)
