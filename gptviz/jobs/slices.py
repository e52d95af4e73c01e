"""Work in slices of time: a page must not be kept waiting, so each of its runs does a little of what is under way.

>>> task = Task(iter("abc"))
>>> [list(task.go_on(Slice(0.0))) for _ in range(3)], task.finished
([['a'], ['b'], ['c']], False)
>>> list(task.go_on(Slice(0.0))), task.finished
([], True)
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from time import monotonic
from typing import Generic, TypeVar

T = TypeVar("T")


class Slice:
    """A stretch of time, which several tasks may share; ``clock`` gives seconds.

    Where ``pressed`` says that others wait, a quarter of it has to do.
    """

    def __init__(self, seconds: float, clock: Callable[[], float] = monotonic,
                 pressed: Callable[[], bool] = lambda: False) -> None:  # fmt: skip
        self._clock, self._pressed = clock, pressed
        begun = clock()
        self._short, self._end = begun + seconds / 4, begun + seconds

    @property
    def over(self) -> bool:
        """Whether the time is up."""
        now = self._clock()
        return now >= self._end or (now >= self._short and self._pressed())


class Task(Generic[T]):
    """A generator of records that is gone on with whenever there is time; ``finished`` once it has none left."""

    def __init__(self, records: Iterator[T]) -> None:
        self._records = records
        self.finished = False

    def go_on(self, slice_: Slice) -> Iterator[T]:
        """Its next records until the time is up, at least one where there is one."""
        for record in self._records:
            yield record
            if slice_.over:
                return
        self.finished = True
