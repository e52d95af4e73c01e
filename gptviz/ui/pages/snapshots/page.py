"""The declaration of the page of snapshots: one slider through a training, which moves everything together."""

from __future__ import annotations

from gptviz.ui.page import Page, Panel
from gptviz.ui.pages.snapshots import panels
from gptviz.ui.pages.snapshots.beside import beside
from gptviz.ui.pages.snapshots.scene import Moment, scene
from gptviz.ui.pages.snapshots.state import ACTIONS, PRESETS, SnapshotsPage, begin

PAGE: Page[SnapshotsPage, Moment] = Page(
    name="snapshots",
    state=SnapshotsPage,
    begin=begin,
    scene=scene,
    actions=ACTIONS,
    heavy=True,
    panels=(
        Panel(panels.moments, empty={"presets": list(PRESETS), "owned": True, "runs": [], "run": "", "steps": [],
                                     "at": 0, "facts": []}),
        Panel(panels.curve),
        Panel(panels.heads),
        Panel(panels.attention, arrays=panels.arrays, empty={"attention": None}),
        Panel(panels.answer, empty={"answer": None}),
        Panel(panels.written, empty={"written": None}),
        Panel(beside, empty={"beside": None, "lost": []}),
    ),
    strings=("snapshots.", "empty.", "path.share"),
)  # fmt: skip
