"""Embeddings: rows of numbers, nearest tokens, a map of the vocabulary, positions."""

from gptviz.ui.runner import show

show("embeddings")
