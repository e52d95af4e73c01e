"""The declaration of the page of lessons."""

from __future__ import annotations

from gptviz.ui.page import Page, Panel
from gptviz.ui.pages.lessons import panels
from gptviz.ui.pages.lessons.scene import Listed, scene
from gptviz.ui.pages.lessons.state import ACTIONS, LessonsPage, begin

PAGE: Page[LessonsPage, Listed] = Page(
    name="lessons",
    state=LessonsPage,
    begin=begin,
    scene=scene,
    actions=ACTIONS,
    panels=(
        Panel(panels.listed, empty={"lessons": [], "own_error": "", "largest": 0, "progress": {}, "model": "",
                                    "list_reading": "", "list_python": ""}),
        Panel(panels.chosen, empty={"chosen": None, "sheet": "teacher", "probes_reading": "", "probes_python": "",
                                    "sheet_python": ""}),
    ),
    strings=("lessons.",),
)  # fmt: skip
