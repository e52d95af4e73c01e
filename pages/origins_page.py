"""Where did it learn that? A next token's n-grams in the training text, what counting says, and the GPT."""

from gptviz.ui.runner import show

show("origins")
