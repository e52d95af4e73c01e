"""Attention: one head at one query, from the residual stream back to it, every number with its sum."""

from gptviz.ui.runner import show

show("attention")
