"""Temperature: what it does to the softmax, what top-p keeps of it, and the die rolled."""

from gptviz.ui.runner import show

show("playground")
