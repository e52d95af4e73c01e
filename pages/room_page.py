"""The room: a class that guesses against the model, votes, answers and follows, on its own devices."""

from gptviz.ui.runner import show

show("room")
