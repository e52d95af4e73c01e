"""Compare: strategies side by side, one prompt, the same chances."""

from gptviz.ui.runner import show

show("compare")
