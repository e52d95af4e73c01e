"""Tuning."""

from gptviz.ui.runner import show

show("tuning")
