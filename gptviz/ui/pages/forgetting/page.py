"""The declaration of the page of forgetting: two tasks, one after the other, and what helps."""

from __future__ import annotations

from gptviz.ui.page import Page, Panel
from gptviz.ui.pages.forgetting import panels, results
from gptviz.ui.pages.forgetting.scene import Forgot, scene
from gptviz.ui.pages.forgetting.state import ACTIONS, Forgetting, begin

PAGE: Page[Forgetting, Forgot] = Page(
    name="forgetting",
    state=Forgetting,
    begin=begin,
    scene=scene,
    actions=ACTIONS,
    panels=(
        Panel(panels.setup, empty={"firsts": [], "thens": [], "file": "", "columns": [], "roles": [], "cost": [],
                                   "button": "", "problem": "", "setup_reading": "", "setup_python": ""}),
        Panel(panels.jobs, empty={"jobs": [], "job": "", "owned": False, "state": "", "share": 0.0, "archive": ""}),
        Panel(results.outcome, empty={"outcome": [], "parts": [], "chance": [0.0, 0.0], "most_more": 0.1,
                                      "least_more": 0.0, "told": [], "outcome_reading": ""}),
        Panel(panels.curve, empty={"curves": [], "first_steps": 0, "then_steps": 0, "mean_of": 1,
                                   "curve_reading": ""}),
        Panel(results.sentence, empty={"words": [], "said_rows": [], "of_run": False, "sentence_reading": "",
                                       "sentence_python": ""}),
    ),
    strings=("forgetting.", "tuning.", "path.share", "surprise.unit"),
)  # fmt: skip
