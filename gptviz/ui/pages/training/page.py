"""The declaration of the training page: a run with its cost before it begins, and the picture while it goes on."""

from __future__ import annotations

from gptviz.ui.page import Page, Panel
from gptviz.ui.pages.training import panels
from gptviz.ui.pages.training.dynamics import dynamics
from gptviz.ui.pages.training.foreseen import foreseen
from gptviz.ui.pages.training.inside import attention, attention_arrays, places, places_arrays
from gptviz.ui.pages.training.pair import pair
from gptviz.ui.pages.training.scene import Watched, scene
from gptviz.ui.pages.training.setup import setup
from gptviz.ui.pages.training.state import ACTIONS, Training, begin

PAGE: Page[Training, Watched] = Page(
    name="training",
    state=Training,
    begin=begin,
    scene=scene,
    actions=ACTIONS,
    panels=(
        Panel(setup, empty={"presets": [], "sources": [], "cost": [], "parts": [], "problem": "", "own": "", "piece": 0,
                            "text_bytes": 0, "text_learns": False, "merges": [], "setup_reading": "",
                            "setup_python": ""}),
        Panel(panels.jobs, arrays=panels.arrays, empty={"jobs": [], "job": "", "owned": False, "state": "",
                                                        "share": 0.0, "archive": ""}),
        Panel(panels.curve, empty={"train": [], "valid": [], "rate": [], "grad_norm": [], "levels": [], "steps": 0,
                                   "first_step": 0, "last_step": 0, "closed": "", "picture_cost": "",
                                   "curve_reading": ""}),
        Panel(pair, empty={"pair": None}),
        Panel(foreseen, empty={"foreseen": [], "foreseen_said": "", "documents": []}),
        Panel(panels.samples, empty={"samples": [], "heads": [], "heads_step": 0, "best": [],
                                     "samples_reading": "", "heads_reading": ""}),
        Panel(panels.following, empty={"read": "", "rows": [], "others": 0.0, "answer_step": 0, "bits": 0.0,
                                       "next_reading": "", "next_python": ""}),
        Panel(attention, arrays=attention_arrays, empty={"attention": None}),
        Panel(places, arrays=places_arrays, empty={"places": None}),
        Panel(dynamics, empty={"dynamics": None}),
    ),
    strings=("training.", "dynamics.", "live.", "path.share"),
)  # fmt: skip
