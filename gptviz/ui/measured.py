"""What is measured or written in slices on a page: one in each run, finished ones kept for whoever asks next. Pure.

Nothing here holds a model but the task under way, which is let go of when it ends or another is wanted.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass, field
from typing import Any

from gptviz.errors import GptvizError
from gptviz.jobs import Slice, Task

SLICE = 0.12  # seconds of work in one run of the page
FIRST = 0.02  # in the first of a measurement, which a key may have begun: the next comes at once
MOST = 64  # finished measurements that are kept


class Shelf:
    """Records of finished measurements, the least recently looked at out first; shared by all visitors."""

    def __init__(self) -> None:
        self._found: OrderedDict[Hashable, tuple[Any, ...]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Hashable) -> tuple[Any, ...] | None:
        """Those of one; None where it has not been finished."""
        with self._lock:
            if key in self._found:
                self._found.move_to_end(key)
            return self._found.get(key)

    def put(self, key: Hashable, records: tuple[Any, ...]) -> None:
        """Keep them."""
        with self._lock:
            self._found[key] = records
            self._found.move_to_end(key)
            while len(self._found) > MOST:
                self._found.popitem(last=False)


#: That of this server.
SHELF = Shelf()


@dataclass
class Work:
    """The measurement that one panel shows, by its ``key``: model, what is measured, of what."""

    shelf: Shelf = field(default_factory=lambda: SHELF)
    key: tuple[Any, ...] | None = None
    records: list[Any] = field(default_factory=list)
    wanted: int = 0
    error: GptvizError | None = None
    begun: bool = False  # this run is the first
    _task: Task[Any] | None = None

    @property
    def open(self) -> bool:
        """Whether there is something left to do."""
        return self._task is not None

    def want(self, key: tuple[Any, ...], wanted: int, make: Callable[[], Iterator[Any]]) -> None:
        """Measure this from now on, of about ``wanted`` records; what was under way for another key is let go of."""
        if key == self.key:
            return
        known = self.shelf.get(key)
        self.key, self.wanted, self.error = key, wanted, None
        self.records = [] if known is None else list(known)
        self._task = Task(make()) if known is None else None
        self.begun = known is None

    def rest(self) -> None:
        """Nothing is wanted."""
        self.key, self.records, self.wanted, self.error, self._task = None, [], 0, None, None

    def advance(self, slice_: Slice) -> None:
        """Measure on until the time is up."""
        self.begun = False
        if self._task is None:
            return
        try:
            self.records += self._task.go_on(slice_)
        except GptvizError as error:
            self.error, self._task = error, None
            return
        if self._task.finished:
            self.shelf.put(self.key, tuple(self.records))
            self._task = None


def slice_of(pressed: Callable[[], bool], *works: Work) -> Slice:
    """The time of one run."""
    return Slice(FIRST if any(work.begun for work in works) else SLICE, pressed=pressed)
