"""Beam search told as a story: the tree of hypotheses, why each was kept or pruned."""

from gptviz.ui.runner import show

show("beam")
