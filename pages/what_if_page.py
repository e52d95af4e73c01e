"""What if? Parts of the model switched off, and what becomes of the text."""

from gptviz.ui.runner import show

show("what_if")
