"""Prompting."""

from gptviz.ui.runner import show

show("prompting")
