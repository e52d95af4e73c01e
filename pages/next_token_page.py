"""Next token: a prompt, and everything the model does with it down to the drawn token."""

from gptviz.ui.runner import show

show("next_token")
