"""The declaration of the stream page: what each block adds, what it would say after each, a logit as a ledger."""

from __future__ import annotations

from gptviz.ui.page import Page, Panel
from gptviz.ui.pages.stream import panels
from gptviz.ui.pages.stream.presets import PRESETS
from gptviz.ui.pages.stream.scene import Streamed, scene
from gptviz.ui.pages.stream.state import ACTIONS, StreamPage, begin

PAGE: Page[StreamPage, Streamed] = Page(
    name="stream",
    state=StreamPage,
    begin=begin,
    scene=scene,
    actions=ACTIONS,
    panels=(
        Panel(panels.offers, empty={"presets": list(PRESETS)}),
        Panel(panels.sizes, arrays=panels.size_arrays),
        Panel(panels.lens, arrays=panels.lens_arrays),
        Panel(panels.cell),
        Panel(panels.through),
        Panel(panels.ledger),
        Panel(panels.neurons, arrays=panels.neuron_arrays),
    ),
    strings=("stream.", "empty.", "path.share", "panel.attention.layer"),
)
