"""The declaration of the tuning page: a task, data and a method, the job, and what came of it."""

from __future__ import annotations

from gptviz.ui.page import Page, Panel
from gptviz.ui.pages.tuning import changed, film, in_menu, panels, results
from gptviz.ui.pages.tuning.foreseen import foreseen
from gptviz.ui.pages.tuning.scene import Tuned, scene
from gptviz.ui.pages.tuning.state import ACTIONS, Tuning, begin

PAGE: Page[Tuning, Tuned] = Page(
    name="tuning",
    state=Tuning,
    begin=begin,
    scene=scene,
    actions=ACTIONS,
    panels=(
        Panel(panels.setup, empty={"tasks": [], "methods": [], "fields": [], "cost": [], "problem": "", "file": "",
                                   "columns": [], "roles": [], "setup_reading": "", "setup_python": ""}),
        Panel(panels.jobs, arrays=panels.arrays, empty={"jobs": [], "job": "", "owned": False, "state": "",
                                                        "share": 0.0, "archive": ""}),
        Panel(in_menu.in_menu, empty={"model_note": ""}),
        Panel(panels.data, empty={"data_rows": [], "data_counts": [], "data_n": 0, "mask": [], "data_reading": ""}),
        Panel(panels.curve, empty={"train": [], "valid": [], "right": [], "steps": 0, "chance": 0.0,
                                   "curve_reading": ""}),
        Panel(foreseen, empty={"foreseen": 0.0, "foreseen_said": ""}),
        Panel(results.lights, empty={"lights": [], "lights_reading": ""}),
        Panel(results.report, empty={"figures": [], "report": [], "confusion": [], "names": [],
                                     "report_reading": ""}),
        Panel(results.wrong, empty={"wrong": [], "n_wrong": 0, "wrong_kind": "", "wrong_reading": ""}),
        Panel(results.typed, empty={"said": "", "labels": [], "tagged": [], "before": "", "after": "", "said_of": "",
                                    "said_problem": "", "said_reading": "", "said_python": ""}),
        Panel(results.side_by_side, empty={"methods_run": [], "measure": "", "languages": [], "methods_reading": ""}),
        Panel(changed.changed, arrays=changed.arrays,
              empty={"delta_layers": [], "delta_layer": 0, "delta_matrices": [], "delta_matrix": "", "delta_shape": [],
                     "spectra": [], "held": [], "delta_reading": "", "delta_python": ""}),
        Panel(film.film, empty={"film": [], "film_full": 0, "film_kept": -1, "film_reading": "", "film_python": ""}),
    ),
    strings=("tuning.", "foreseen.", "path.share"),
)  # fmt: skip
