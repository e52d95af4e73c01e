"""Small rooms and rounds for tests: a vocabulary of six tokens, with numbers that can be worked out by hand."""

from __future__ import annotations

from gptviz.room import Actual, Candidate, Guess, Room, Rooms
from gptviz.room.rounds import How

LABELS = ("mat", "bed", "floor", "roof", "moon", "end")
P = (0.5, 0.25, 0.125, 0.0625, 0.03125, 0.03125)  # of the model
UNIGRAM = (0.1, 0.2, 0.2, 0.1, 0.25, 0.15)
TOKENS = tuple(Candidate(i, *row) for i, row in enumerate(zip(LABELS, P, UNIGRAM, strict=True)))


class Clock:
    """Seconds that pass only when told."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def guess(actual: int = 0, how: How = "pick", offered: int = 4) -> Guess:
    """What follows "The cat sat on the"? Token ``actual`` does; the first ``offered`` are to choose from."""
    came = Actual(TOKENS[actual], rank=actual + 1, drawn=False)
    return Guess("The cat sat on the", how, TOKENS[:offered], TOKENS, came, 6, 2.0, "small")


def room() -> Room:
    """An open one."""
    return Rooms(Clock()).open("en")
