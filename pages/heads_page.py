"""Heads, measured: what each head of the model looks at, and what becomes of the text without it."""

from gptviz.ui.runner import show

show("heads")
