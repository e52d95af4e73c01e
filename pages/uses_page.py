"""What it is used for: dialogue, summary, translation and more, tried on the open model, each with an honest word."""

from gptviz.ui.runner import show

show("uses")
