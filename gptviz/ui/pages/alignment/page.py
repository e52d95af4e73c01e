"""The declaration of the alignment page: what is better, how it is learnt, and what came of it."""

from __future__ import annotations

from gptviz.ui.page import Page, Panel
from gptviz.ui.pages.alignment import beside, panels
from gptviz.ui.pages.alignment.scene import Aligned, scene
from gptviz.ui.pages.alignment.state import ACTIONS, Alignment, begin

PAGE: Page[Alignment, Aligned] = Page(
    name="alignment",
    state=Alignment,
    begin=begin,
    scene=scene,
    actions=ACTIONS,
    panels=(
        Panel(panels.setup, empty={"sources": [], "fields": [], "pairs": [], "n_pairs": 0, "file": "", "problem": "",
                                   "setup_reading": "", "setup_python": ""}),
        Panel(panels.chooser, empty={"offered": [], "offered_of": "", "alike": False, "chosen_so_far": 0,
                                     "most_choices": 0, "choice_reading": "", "choice_python": ""}),
        Panel(panels.jobs, arrays=panels.arrays, empty={"jobs": [], "job": "", "owned": False, "state": "",
                                                        "share": 0.0, "archive": ""}),
        Panel(panels.curve, empty={"way": "", "chosen": [], "rejected": [], "pairs_right": "", "judge_right": "",
                                   "rewards": [], "tradeoff": [], "steps": 0, "curve_reading": ""}),
        Panel(panels.lights, empty={"lights": [], "lights_reading": ""}),
        Panel(beside.answers, empty={"answers": [], "forgotten": [], "answers_reading": ""}),
    ),
    strings=("alignment.", "foreseen.", "tuning.", "path.share"),
)  # fmt: skip
