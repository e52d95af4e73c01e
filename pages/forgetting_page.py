"""Forgetting."""

from gptviz.ui.runner import show

show("forgetting")
