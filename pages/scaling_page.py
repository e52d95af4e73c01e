"""Scaling: how the loss falls with parameters and tokens, measured here, and the law fitted to it."""

from gptviz.ui.runner import show

show("scaling")
