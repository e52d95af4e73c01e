"""The declaration of the series page: the timeline, the card, the tree, the table."""

from __future__ import annotations

from gptviz.ui.page import Page, Panel
from gptviz.ui.pages.series import panels
from gptviz.ui.pages.series.scene import Told, scene
from gptviz.ui.pages.series.state import ACTIONS, Series, begin

PAGE: Page[Series, Told] = Page(
    name="series",
    state=Series,
    begin=begin,
    scene=scene,
    actions=ACTIONS,
    panels=(
        Panel(panels.timeline, empty={"entries": [], "here": [], "timeline_reading": "", "timeline_python": ""}),
        Panel(panels.card, empty={"card": "", "name": "", "facts": [], "changed": "", "data": "", "source": ""}),
        Panel(panels.tree, empty={"tree": []}),
        Panel(panels.table, empty={"columns": [], "rows": []}),
    ),
    strings=("series.", "path.share", "number."),
)
