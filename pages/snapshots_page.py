"""Snapshots: one slider moves everything through the moments of a training."""

from gptviz.ui.runner import show

show("snapshots")
