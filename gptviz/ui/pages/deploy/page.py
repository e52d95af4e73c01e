"""The declaration of the deploy page: fewer bits, fewer parts, and the six duties."""

from __future__ import annotations

from gptviz.ui.page import Page, Panel
from gptviz.ui.pages.deploy import panels
from gptviz.ui.pages.deploy.duties import duties
from gptviz.ui.pages.deploy.scene import Served, scene
from gptviz.ui.pages.deploy.state import ACTIONS, Deploy, begin

PAGE: Page[Deploy, Served] = Page(
    name="deploy",
    state=Deploy,
    begin=begin,
    scene=scene,
    actions=ACTIONS,
    panels=(
        Panel(panels.forms, empty={"forms": [], "forms_columns": [], "forms_rows": [], "forms_reading": "",
                                   "forms_python": "", "forms_done": 0, "forms_wanted": 0}),
        Panel(panels.parts, empty={"presets": [], "n_parts": 0, "n_gone": 0, "curves": {}, "parts_columns": [],
                                   "parts_rows": [], "parts_reading": "", "parts_python": "", "parts_done": 0,
                                   "parts_wanted": 0}),
        Panel(panels.answer, empty={"changed": None, "answer": None, "answer_python": ""}),
        Panel(duties, empty={"duties": [], "duties_python": ""}),
    ),
    strings=("deploy.", "change.", "empty.", "path.share"),
    heavy=True,
)  # fmt: skip
