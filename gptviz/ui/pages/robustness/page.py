"""The declaration of the robustness page: the attack on the text, its copies, and the trial."""

from __future__ import annotations

from gptviz.ui.page import Page, Panel
from gptviz.ui.pages.robustness import panels, results
from gptviz.ui.pages.robustness.scene import Attacked, scene
from gptviz.ui.pages.robustness.state import ACTIONS, Robustness, begin

PAGE: Page[Robustness, Attacked] = Page(
    name="robustness",
    state=Robustness,
    begin=begin,
    scene=scene,
    actions=ACTIONS,
    panels=(
        Panel(panels.attack, empty={"targets": [], "target": "", "labels": [], "attacked_label": "",
                                    "attacked_prob": 0.0, "exchanges": [], "attacking": False, "attack_end": "",
                                    "attack_problem": "", "attack_reading": "", "attack_python": ""}),
        Panel(panels.setup, empty={"ways": [], "cost": [], "problem": "", "setup_reading": "", "setup_python": ""}),
        Panel(panels.jobs, empty={"jobs": [], "job": "", "owned": False, "state": "", "share": 0.0, "archive": ""}),
        Panel(results.trial, empty={"columns": [], "n_ways": 0, "trial_epsilon": "", "trial_said": ""}),
        Panel(panels.changed, empty={"copies": [], "other_words": "", "other_words_asked": False, "copies_cut": 0,
                                     "copies_reading": "", "copies_python": ""}),
    ),
    strings=("robustness.", "tuning.", "path.share"),
    heavy=True,
)  # fmt: skip
