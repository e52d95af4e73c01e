"""Tokens: the merges of the text as a film, other vocabularies, one more letter, the whole vocabulary."""

from gptviz.ui.runner import show

show("tokens")
