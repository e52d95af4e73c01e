"""The stream: what each block adds, what the model would say after each, and a logit as the sum that it is."""

from gptviz.ui.runner import show

show("stream")
