"""Time for what is only to be looked at: measured while it is spent, and kept below a share of the whole."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class Budget:
    """At most ``share`` of the seconds since it was made go into pieces of work, each known by its name.

    What a piece has cost it is taken to cost again; until enough has come together, whoever asks is refused. The
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
        cost = self._costs.get(piece, 0.0) + self._costs.get(sparing, 0.0)
        return self.spent + cost + kept_back <= self.share * self.elapsed

    def pay(self, seconds: float, piece: str = "") -> None:
        """Something has been spent; with a name, that is what it will cost the next time, too.

        A piece that was dear once is thought so for a while: that is a busy machine, and it may still be one.
        """
        self.spent += seconds
        if piece:
            self._costs[piece] = max(seconds, 0.8 * self._costs.get(piece, 0.0))

    @contextmanager
    def spending(self, piece: str = "") -> Iterator[None]:
        """For a piece of work, which is measured."""
        began = self._clock()
        try:
            yield
        finally:
            self.pay(self._clock() - began, piece)
