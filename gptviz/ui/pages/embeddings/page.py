"""The declaration of the Embeddings page: rows, neighbours, the map of the vocabulary, positions."""

from __future__ import annotations

from gptviz.ui.page import Page, Panel
from gptviz.ui.pages.embeddings import panels
from gptviz.ui.pages.embeddings.scene import Embedded, scene
from gptviz.ui.pages.embeddings.state import ACTIONS, Embeddings, begin

PAGE: Page[Embeddings, Embedded] = Page(
    name="embeddings",
    state=Embeddings,
    begin=begin,
    scene=scene,
    actions=ACTIONS,
    panels=(
        Panel(panels.strips, arrays=panels.strip_arrays, empty={"strips": None}),
        Panel(panels.near, empty={"near": None}),
        Panel(panels.atlas, arrays=panels.atlas_arrays, empty={"atlas": None}),
        Panel(panels.positions, arrays=panels.position_arrays, empty={"positions": None}),
    ),
    strings=("embeddings.", "empty.", "path.share", "tokens.script."),
)
