"""Limits: loops, confident mistakes, cut words, the end of the context, one word exchanged, text known by heart."""

from gptviz.ui.runner import show

show("limits")
