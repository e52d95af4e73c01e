"""Training: press start, and a real GPT learns in front of you."""

from gptviz.ui.runner import show

show("training")
