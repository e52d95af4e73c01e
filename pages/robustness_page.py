"""Robustness: words exchanged until a classifier is wrong, and what learning against that buys."""

from gptviz.ui.runner import show

show("robustness")
