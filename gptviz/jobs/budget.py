"""Time for what is only to be looked at: measured while it is spent, and kept below a share of the whole."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class Budget:
    """At most ``share`` of the seconds since it was made go into pieces of work, each known by its name.

    What a piece has cost lately it is taken to cost again; until enough has come together, whoever asks is refused. The
    further the work has come, the more is kept back, at its end as much as all pieces: a last look can be paid for.
    """

    def __init__(self, share: float, clock: Callable[[], float] = time.perf_counter) -> None:
        self.share, self.spent = share, 0.0
        self._clock, self._began = clock, clock()
        self._costs: dict[str, float] = {}

    @property
    def elapsed(self) -> float:
        """Seconds since it was made, those that were spent among them."""
        return self._clock() - self._began

    def allows(self, piece: str, done: float = 1.0, sparing: str = "") -> bool:
        """Whether it can be paid for now, with the work ``done`` so far, from 0 to 1; ``sparing`` another piece."""
        kept_back = done * sum(self._costs.values())
        return self.spent + self.cost(piece) + self.cost(sparing) + kept_back <= self.share * self.elapsed

    def cost(self, piece: str) -> float:
        """What a piece is taken to cost, in seconds; one that has not been done yet, nothing."""
        return self._costs.get(piece, 0.0)

    def pay(self, seconds: float, piece: str = "") -> None:
        """Something has been spent; with a name, it will next cost half of that and half of what it was thought to."""
        self.spent += seconds
        if piece:
            self._costs[piece] = (self._costs.get(piece, seconds) + seconds) / 2

    @contextmanager
    def spending(self, piece: str = "") -> Iterator[None]:
        """For a piece of work, which is measured."""
        began = self._clock()
        try:
            yield
        finally:
            self.pay(self._clock() - began, piece)
