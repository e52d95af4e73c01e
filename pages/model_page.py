"""Model: facts, training, evaluation, limits."""

from gptviz.ui.runner import show

show("model")
