"""The declaration of the prompting page: how it is asked, what the model says, and how well that is measured to be."""

from __future__ import annotations

from gptviz.ui.page import Page, Panel
from gptviz.ui.pages.prompting import panels, study
from gptviz.ui.pages.prompting.scene import Prompted, scene
from gptviz.ui.pages.prompting.state import ACTIONS, Prompting, begin

PAGE: Page[Prompting, Prompted] = Page(
    name="prompting",
    state=Prompting,
    begin=begin,
    scene=scene,
    actions=ACTIONS,
    panels=(
        Panel(panels.asking, empty={"patterns": [], "labels": [], "most_shots": 0,
                                    "examples_shown": [], "asking_problem": "", "asking_reading": "",
                                    "asking_python": ""}),
        Panel(panels.read, empty={"pieces": [], "n_prompt": 0, "left_out": 0, "read_reading": ""}),
        Panel(panels.labels, empty={"label_rows": [], "truth": "", "labels_reading": "", "labels_python": ""}),
        Panel(study.jobs, empty={"jobs": [], "job": "", "owned": False, "state": "", "share": 0.0, "archive": ""}),
        Panel(study.study, empty={"ways": [], "n_measured": 0, "n_ways": 0, "majority": [0.0, 0.0, 0.0],
                                  "all_shots": [], "n_orders": 0, "counts": [], "study_patterns": [],
                                  "study_problem": "", "study_reading": [], "study_python": ""}),
    ),
    strings=("prompting.", "tuning.", "path.share"),
    heavy=True,
)  # fmt: skip
