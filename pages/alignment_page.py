"""Alignment."""

from gptviz.ui.runner import show

show("alignment")
