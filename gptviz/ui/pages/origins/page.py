"""The declaration of the page of origins: n-grams of the training text, beside the GPT that read it."""

from __future__ import annotations

from gptviz.ui.page import Page, Panel
from gptviz.ui.pages.origins import panels
from gptviz.ui.pages.origins.scene import Found, scene
from gptviz.ui.pages.origins.state import ACTIONS, PRESETS, Origins, begin

PAGE: Page[Origins, Found] = Page(
    name="origins",
    state=Origins,
    begin=begin,
    scene=scene,
    actions=ACTIONS,
    panels=(
        Panel(panels.runs, always=True, empty={"presets": list(PRESETS), "owned": True, "runs": [], "run": "",
                                               "trained": False, "size": ""}),
        Panel(panels.choices),
        Panel(panels.counts),
        Panel(panels.passages),
        Panel(panels.pairs),
    ),
    strings=("origins.", "empty.", "path.share"),
)  # fmt: skip
