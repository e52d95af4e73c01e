"""Surprise: the probability of a whole text, token by token, and which of two is likelier."""

from gptviz.ui.runner import show

show("surprise")
