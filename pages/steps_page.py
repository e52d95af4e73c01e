"""Step by step: one choice stage by stage, and the branches that other choices open."""

from gptviz.ui.runner import show

show("steps")
